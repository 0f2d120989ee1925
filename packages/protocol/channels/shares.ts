/** Who has what of a channel. Source: docs/channels.md, Shares. */

import type { ChannelState, Htlc } from './types.ts';

/** What each party has of the money that reached the vault so far, in base units. */
export interface ChannelShares {
  readonly a: bigint;
  readonly b: bigint;
}

/** What is known of the secret of an HTLC: whether it was shown by its expiry. */
export type IsPaid = (htlc: Htlc) => boolean;

/**
 * What the senior has first: its claim, and of each HTLC what falls to it.
 * Twin: contracts/channels/ChannelStates.sol settledClaim.
 */
export function settledClaim({ claim, htlcs }: ChannelState, isPaid: IsPaid): bigint {
  return htlcs.reduce((sum, htlc) => (isPaid(htlc) === htlc.toSenior ? sum + htlc.amount : sum), claim);
}

/**
 * The senior has its claim first, the other party the rest. The more has come, the more each has, or as much.
 * Twin: contracts/channels/Channels.sol _payout.
 *
 * @param total all that ever reached the vault, base units.
 */
export function channelShares(state: ChannelState, total: bigint, isPaid: IsPaid): ChannelShares {
  const claim = settledClaim(state, isPaid);
  const senior = total < claim ? total : claim;
  const residual = total - senior;
  return state.residualIsB ? { a: senior, b: residual } : { a: residual, b: senior };
}
