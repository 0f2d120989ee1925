/** What a party can be paid of a channel that is settled. */

import type { ChannelClose } from './types.ts';

const MOST_PAID = 2n ** 128n - 1n;

/** Math.min does not take bigints. */
const lower = (one: bigint, other: bigint): bigint => (one < other ? one : other);

/**
 * Base units that `payout` would pay now: the senior has its claim of all that ever came, the other party the rest, each less
 * what it was paid. 0 before the settlement.
 * Source: contracts/channels/Channels.sol _payout.
 *
 * @param held base units that the vault has now (`ChannelsReader.heldBy`).
 */
export function dueNow(close: ChannelClose, held: bigint, toB: boolean): bigint {
  if (!close.isSettled) return 0n;
  const { claim, paidSenior, paidResidual, residualIsB } = close;
  const total = held + paidSenior + paidResidual;
  const senior = lower(total, claim);
  const isResidual = toB === residualIsB;
  const paid = isResidual ? paidResidual : paidSenior;
  const due = (isResidual ? total - senior : senior) - paid;
  return due <= 0n ? 0n : lower(lower(due, held), MOST_PAID - paid);
}
