/** Events of the rollup in the receipts of transactions that call other contracts too. */

import { isSameAddress } from '@quittance/protocol';
import type { LogDescription, TransactionReceipt } from 'ethers';
import { rollupInterface } from './abi.ts';

/**
 * The first event of this name that the rollup itself logged; undefined where there is none. A token that a transaction calls
 * can log whatever it likes, events of the same name among it, and before the rollup does.
 *
 * @param contract address of the rollup.
 */
export function eventOf(
  { logs }: Pick<TransactionReceipt, 'logs'>,
  contract: string,
  name: string,
): LogDescription | undefined {
  for (const log of logs) {
    if (!isSameAddress(log.address, contract)) continue;
    const parsed = rollupInterface.parseLog(log);
    if (parsed?.name === name) return parsed;
  }
  return undefined;
}
