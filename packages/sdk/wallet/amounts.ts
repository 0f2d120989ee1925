/** Amounts that a record can state. Source: docs/protocol.md, Records. */

import { float16, float40, RollupError } from '@quittance/protocol';

/** Which of the two values next to one that has no encoding. */
export type Direction = 'down' | 'up';

/**
 * The next amount that a record can state: 35 significant bits times a power of ten.
 *
 * @param amount base units. @returns `amount` itself where it has an encoding.
 * @throws RollupError OUT_OF_RANGE when it is negative or too large.
 * @example const amount = roundAmount(parseEther('1') / 3n); // 333333333300000000n
 */
export function roundAmount(amount: bigint, direction: Direction = 'down'): bigint {
  return direction === 'down' ? float40.floor(amount) : float40.ceil(amount);
}

/** The next fee that a record can state: 11 significant bits times a power of ten. Up if not said, so that it suffices. */
export function roundFee(fee: bigint, direction: Direction = 'up'): bigint {
  return direction === 'down' ? float16.floor(fee) : float16.ceil(fee);
}

/**
 * The amount that is signed.
 *
 * @throws RollupError OUT_OF_RANGE for none, or what is no bigint; NOT_REPRESENTABLE, with the amounts next to it, unless it may
 * be rounded down.
 */
export function amountToSign(amount: bigint, roundDown: boolean): bigint {
  if (typeof amount !== 'bigint' || amount <= 0n) {
    const actual = typeof amount === 'bigint' ? amount : `a value of type ${typeof amount}`;
    const message = `amount is ${actual}, expected a bigint of base units above 0`;
    throw new RollupError('OUT_OF_RANGE', message, { name: 'amount', actual, expected: 'above 0' });
  }
  if (roundDown) return roundAmount(amount);
  float40.encode(amount);
  return amount;
}
