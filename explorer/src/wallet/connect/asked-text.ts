/** What a wallet is asked, in words: a person confirms there what the page says here. */

import type { TokenInfo } from '@quittance/sdk';
import { moneyText } from '../money/text.ts';
import type { Asked } from './traced.ts';

/** approve(address spender, uint256 amount) of ERC-20. */
const APPROVE = /^0x095ea7b3[0-9a-f]{24}([0-9a-f]{40})([0-9a-f]{64})$/i;

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Whether this is the call of the rollup contract itself, and not what prepares it. */
export function isForContract(request: Asked, contract: string): boolean {
  return request.kind === 'transaction' && same(request.to, contract);
}

/** Continues "It asks you to …". */
export function askedText(request: Asked, contract: string, tokens: readonly TokenInfo[]): string {
  if (request.kind === 'signature') return 'sign a message. It costs nothing';
  const [, spender = '', amount = '0'] = APPROVE.exec(request.data) ?? [];
  const token = tokens.find(({ address }) => same(address, request.to));
  if (token !== undefined && same(`0x${spender}`, contract)) {
    const units = BigInt(`0x${amount}`);
    if (units === 0n) return 'take back an earlier approval, as this token wants it before a new one';
    return `approve exactly ${moneyText(units, token)} for the rollup contract, which the deposit then takes`;
  }
  return isForContract(request, contract)
    ? 'send one transaction to the rollup contract'
    : `send a transaction to ${request.to}`;
}
