/** Until when a signature is valid, such that no two payments are one. */

import { RollupError, TIME_BITS } from '@quittance/protocol';

/** An hour. */
const DEFAULT_SECONDS = 3_600;

/**
 * The expiry of a signature, in Unix seconds. The time of expiry is part of the id, and two processes that pay the same to
 * the same account with the same nonce would sign one transfer, which is paid once where two were meant. So each lasts up to as
 * long again as was asked for, at random.
 *
 * @param validForSeconds 0 is forever. @throws RollupError OUT_OF_RANGE.
 */
export function randomValidUntil(nowMs: number, validForSeconds = DEFAULT_SECONDS): number {
  if (validForSeconds === 0) return 0;
  const seconds = Math.floor(nowMs / 1_000) + validForSeconds;
  if (!Number.isSafeInteger(validForSeconds) || validForSeconds < 0 || seconds >= 2 ** TIME_BITS) {
    const message = `validForSeconds is ${validForSeconds}, expected whole seconds, 0 for ever`;
    throw new RollupError('OUT_OF_RANGE', message, { name: 'validForSeconds', actual: String(validForSeconds) });
  }
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  return Math.min(2 ** TIME_BITS - 1, seconds + (random % (validForSeconds + 1)));
}
