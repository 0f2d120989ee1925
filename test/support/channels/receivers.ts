/** Receivers of money that refuse it or call back: code for accounts of the tests, also for those of parties (EIP-7702). */

import { getAddress } from 'ethers';
import type { DeployedRollup } from '../contracts/deployment.ts';

/** Refuses every call. */
export const REFUSING_CODE = '0x60006000fd';

const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');

/**
 * Calls `target` with `data` whenever it is called itself, and takes the money whatever comes of that. What came of the last
 * call stands in slot 0, 1 for a failure, 2 for a success, and the beginning of what it returned in slot 1.
 */
export function callingCode(target: string, data: string): string {
  const length = (data.length - 2) / 2;
  /** Bytes of the code before the data. */
  const head = 62;
  return [
    // CODECOPY(0, head, length)
    `0x61${hex(length, 2)}61${hex(head, 2)}600039`,
    // CALL(GAS, target, 0, 0, length, 0, 0)
    `6000600061${hex(length, 2)}6000600073${target.slice(2)}5af1`,
    // SSTORE(0, 1 + success)
    '600101600055',
    // RETURNDATACOPY(0, 0, RETURNDATASIZE), SSTORE(1, MLOAD(0)), STOP
    '3d600060003e60005160015500',
    data.slice(2),
  ].join('');
}

/** Gives an account code. */
export async function setCode({ ethers }: DeployedRollup, account: string, code: string): Promise<void> {
  await ethers.provider.send('hardhat_setCode', [account, code]);
}

/** Gives an account of a person code, as EIP-7702 does: it goes on to send transactions. */
export async function delegate(world: DeployedRollup, account: string, code: string): Promise<void> {
  const place = getAddress(`0x${(BigInt(account) ^ 1n).toString(16).padStart(40, '0')}`);
  await setCode(world, place, code);
  await setCode(world, account, `0xef0100${place.slice(2)}`);
}

/** What came of the last call of a receiver that calls: `never`, `succeeded`, or the selector of an error. */
export async function calledBack({ ethers }: DeployedRollup, account: string): Promise<string> {
  const [outcome, returned] = [
    await ethers.provider.getStorage(account, 0),
    await ethers.provider.getStorage(account, 1),
  ];
  if (BigInt(outcome) === 0n) return 'never';
  return BigInt(outcome) === 2n ? 'succeeded' : returned.slice(0, 10);
}
