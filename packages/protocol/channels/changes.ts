/** What may change a channel's state, and whose money it takes. Source: docs/channels.md, Changes. */

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { requireAddress } from '../address.ts';
import type { Bytes32 } from '../batch/index.ts';
import { RollupError } from '../errors/index.ts';
import { type Address, type ChannelState, type Htlc, MAX_HTLCS } from './types.ts';

/** The senior party, or the residual one. */
export type ChannelRole = 'senior' | 'residual';

/** One hop of a route: to whom an HTLC is passed on, and what of it. */
export interface ChannelHop {
  /** The party that gets it. */
  readonly to: Address;
  /** Base units, below 2^128. */
  readonly amount: bigint;
  /** The last second in which its secret counts, in Unix seconds. */
  readonly expiry: number;
}

/** Most hops that an HTLC is passed on over: as many as a payment has hubs. */
export const MAX_HOPS = 3;

/** Why an HTLC was given back: a word for programs. */
export const RELEASE_REASON = /^[A-Z_]{1,40}$/;

/** One change of a state. */
export type ChannelChange =
  /** A payment by whom it takes the money of. */
  | { readonly type: 'pay'; readonly by: ChannelRole; readonly id: Bytes32; readonly amount: bigint }
  /**
   * Money that the other party gets for a secret. By whom it takes the money of. With `onward`, whom it is for passes it on: the
   * first hop is the next party, the last one the payee. No part of what is signed.
   */
  | {
      readonly type: 'lock';
      readonly by: ChannelRole;
      readonly htlc: Omit<Htlc, 'toSenior'>;
      readonly onward?: readonly ChannelHop[];
    }
  /** The money of an HTLC, for its secret. By whom it is for. */
  | { readonly type: 'fulfill'; readonly by: ChannelRole; readonly secret: Bytes32 }
  /** The money of an HTLC goes back. By whom it would have been for, who may say why: RELEASE_REASON. */
  | { readonly type: 'release'; readonly by: ChannelRole; readonly hash: Bytes32; readonly reason?: string }
  /**
   * The other party becomes the residual one. By the one that is; only while nothing is in flight. The new claim stands on
   * `capacity`, the final balance as its author saw it: what anybody pays in meanwhile changes nothing of it.
   */
  | { readonly type: 'swap'; readonly by: ChannelRole; readonly capacity: bigint };

/** Most seconds that an HTLC may lock money: it is held back as long where the other party falls silent. */
export const MAX_LOCK_SECONDS = 7 * 86_400;

/** When a change is made: between these, in Unix seconds. Clocks of two parties are not one. */
export interface ChangeTime {
  readonly earliest: number;
  readonly latest: number;
  /** When L1 says that the secret of a hash was shown, if it was: a secret that was shown in time is never too late. */
  readonly revealedAt?: (hash: Bytes32) => number | undefined;
}

/** What of a channel's money there is to share. */
export interface ChannelFunds {
  /** The final balance of the account, less what is in flight, in base units. */
  readonly capacity: bigint;
  /** Whether money of the account is in flight, in or out. */
  readonly isMoving: boolean;
}

const otherOf = (role: ChannelRole): ChannelRole => (role === 'senior' ? 'residual' : 'senior');

/** sha256 of a secret. @throws RollupError INVALID_HEX unless it has 32 bytes. */
export function secretHash(secret: Bytes32): Bytes32 {
  if (!/^0x[0-9a-f]{64}$/.test(secret)) {
    throw new RollupError('INVALID_HEX', `"${secret}" is no secret: 0x and 64 hexadecimal digits in lower case`, {
      actual: secret,
    });
  }
  return `0x${bytesToHex(sha256(hexToBytes(secret.slice(2))))}`;
}

const lockedIn = ({ htlcs }: ChannelState): bigint => htlcs.reduce((sum, { amount }) => sum + amount, 0n);

/** What a party can spend: what is its own for sure, HTLCs left out. */
export function spendable(state: ChannelState, { capacity }: ChannelFunds, role: ChannelRole): bigint {
  if (role === 'senior') return state.claim;
  const rest = capacity - state.claim - lockedIn(state);
  return rest > 0n ? rest : 0n;
}

function refuse(
  reason: string,
  data: Readonly<Record<string, string | number | bigint>> = {},
): RollupError<'CHANNEL_CHANGE_REFUSED'> {
  return new RollupError('CHANNEL_CHANGE_REFUSED', `a change of a channel cannot be made: ${reason}`, {
    reason,
    ...data,
  });
}

/** @throws RollupError CHANNEL_FUNDS_SHORT. */
function requireFunds(state: ChannelState, funds: ChannelFunds, role: ChannelRole, amount: bigint): void {
  if (amount <= 0n) throw refuse('an amount is above 0', { actual: amount });
  const available = spendable(state, funds, role);
  if (amount <= available) return;
  const message = `a payment of ${amount} in a channel in which ${available} can be spent; pay less, or on the rollup`;
  throw new RollupError('CHANNEL_FUNDS_SHORT', message, { expected: available, actual: amount });
}

/** An amount leaves the free money of a party; the residual one's is what is left over. */
const taken = (state: ChannelState, role: ChannelRole, amount: bigint): ChannelState =>
  role === 'senior' ? { ...state, claim: state.claim - amount } : state;

/** An amount comes to the free money of a party. */
const given = (state: ChannelState, role: ChannelRole, amount: bigint): ChannelState =>
  role === 'senior' ? { ...state, claim: state.claim + amount } : state;

function withoutHtlc(state: ChannelState, hash: Bytes32): { readonly htlc: Htlc; readonly rest: ChannelState } {
  const htlc = state.htlcs.find((candidate) => candidate.hash === hash);
  if (htlc === undefined) throw refuse('the channel has no HTLC with this hash', { actual: hash });
  return { htlc, rest: { ...state, htlcs: state.htlcs.filter((candidate) => candidate !== htlc) } };
}

function requireOnward(onward: readonly ChannelHop[]): void {
  if (onward.length > MAX_HOPS) {
    throw refuse(`it is to be passed on over ${onward.length} hops, at most ${MAX_HOPS}`, { actual: onward.length });
  }
  for (const { to, amount } of onward) {
    requireAddress('to', to);
    if (amount <= 0n) throw refuse('an amount is above 0', { actual: amount });
  }
}

function lock(
  state: ChannelState,
  { by, htlc, onward = [] }: Extract<ChannelChange, { type: 'lock' }>,
  time: ChangeTime | undefined,
): ChannelState {
  requireOnward(onward);
  const most = time === undefined ? htlc.expiry : time.earliest + MAX_LOCK_SECONDS;
  if (htlc.expiry > most) {
    throw refuse(`an HTLC expires at ${htlc.expiry}, at most ${most} is possible now`, { actual: htlc.expiry });
  }
  if (state.htlcs.length >= MAX_HTLCS) throw refuse(`it has ${MAX_HTLCS} HTLCs already`, { expected: MAX_HTLCS });
  if (state.htlcs.some(({ hash }) => hash === htlc.hash))
    throw refuse('it has an HTLC with this hash', { actual: htlc.hash });
  const { hash, amount, expiry } = htlc;
  const added = { hash, amount, expiry, toSenior: by === 'residual' };
  return { ...taken(state, by, amount), htlcs: [...state.htlcs, added] };
}

/** Whether L1 has the secret since before the expiry: it pays in every channel. */
function wasShown({ hash, expiry }: Htlc, { revealedAt }: ChangeTime): boolean {
  const shownAt = revealedAt?.(hash);
  return shownAt !== undefined && shownAt <= expiry;
}

function settle(
  state: ChannelState,
  change: Extract<ChannelChange, { type: 'fulfill' | 'release' }>,
  time: ChangeTime | undefined,
): ChannelState {
  const { htlc, rest } = withoutHtlc(state, change.type === 'fulfill' ? secretHash(change.secret) : change.hash);
  if (change.type === 'release' && change.reason !== undefined && !RELEASE_REASON.test(change.reason)) {
    throw refuse('a reason is a word of at most 40 capital letters and underscores', { actual: change.reason });
  }
  const payee: ChannelRole = htlc.toSenior ? 'senior' : 'residual';
  if (change.by !== payee) throw refuse('only whom an HTLC is for can end it', { actual: change.by });
  // On L1 it would be worth nothing, and whoever passed it on has it back already.
  if (change.type === 'fulfill' && time !== undefined && time.latest > htlc.expiry && !wasShown(htlc, time)) {
    throw refuse(`its HTLC expires at ${htlc.expiry}`, { expected: htlc.expiry, actual: time.latest });
  }
  return given(rest, change.type === 'fulfill' ? payee : otherOf(payee), htlc.amount);
}

/**
 * The state after a change, with the same version.
 *
 * @param time undefined where it does not matter: of what was judged before.
 * @throws RollupError CHANNEL_CHANGE_REFUSED, CHANNEL_FUNDS_SHORT or INVALID_HEX.
 */
export function applyChange(
  state: ChannelState,
  change: ChannelChange,
  funds: ChannelFunds,
  time: ChangeTime | undefined,
): ChannelState {
  switch (change.type) {
    case 'pay':
      requireFunds(state, funds, change.by, change.amount);
      return given(taken(state, change.by, change.amount), otherOf(change.by), change.amount);
    case 'lock':
      requireFunds(state, funds, change.by, change.htlc.amount);
      return lock(state, change, time);
    case 'fulfill':
    case 'release':
      return settle(state, change, time);
    case 'swap': {
      if (change.by !== 'residual') throw refuse('the residual party swaps', { actual: change.by });
      if (funds.isMoving) throw refuse('money is in flight');
      if (change.capacity > funds.capacity) {
        const message = `a swap stands on ${change.capacity} in a channel of which ${funds.capacity} are final; wait until more is`;
        throw new RollupError('CHANNEL_FUNDS_SHORT', message, { expected: funds.capacity, actual: change.capacity });
      }
      const claim = spendable(state, { ...funds, capacity: change.capacity }, 'residual');
      const htlcs = state.htlcs.map((htlc) => ({ ...htlc, toSenior: !htlc.toSenior }));
      return { ...state, claim, residualIsB: !state.residualIsB, htlcs };
    }
  }
}

/** The next version: all changes in order. @throws RollupError as `applyChange`. */
export function nextState(
  state: ChannelState,
  changes: readonly ChannelChange[],
  funds: ChannelFunds,
  time: ChangeTime | undefined,
): ChannelState {
  const changed = changes.reduce((present, change) => applyChange(present, change, funds, time), state);
  return { ...changed, version: state.version + 1 };
}
