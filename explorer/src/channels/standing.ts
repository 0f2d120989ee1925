/** Where a channel stands on L1, what of it is whose, and what can be done about it: pure. Source: docs/channels.md. */

import {
  type Bytes32,
  type ChannelState,
  type ChannelTerms,
  channelShares,
  type Htlc,
  isSameAddress,
  MAX_LOCK_AFTER_PERIOD,
} from '@quittance/protocol';
import { type ChannelClose, dueNow, type Party } from '@quittance/sdk/channels';

/** An account of the vault, as the sequencer says. */
export interface VaultAccount {
  readonly index: number;
  /** Base units. */
  readonly balance: bigint;
}

/** What is known of a channel: the file, and what L1 said of it in one block. */
export interface Sight {
  readonly terms: ChannelTerms;
  readonly vault: string;
  /** Whose balances are ours; undefined where the file is of nobody: then what A has. */
  readonly party?: Party | undefined;
  /** The newest state of the file. */
  readonly ours: ChannelState;
  /** Known secrets by their hashes. */
  readonly secrets: ReadonlyMap<Bytes32, Bytes32>;
  readonly close: ChannelClose | undefined;
  /** The state that stands on L1, if it is known: ours, or one that was read from L1. */
  readonly standing: ChannelState | undefined;
  /** When L1 had the secrets of these hashes, in Unix seconds. */
  readonly revealed: ReadonlyMap<Bytes32, number>;
  /** Base units that the vault has on L1. */
  readonly held: bigint;
  /** Undefined where no sequencer of this rollup is known. */
  readonly accounts: readonly VaultAccount[] | undefined;
  /** Accounts whose exit was requested since the close. */
  readonly requested: readonly number[];
}

/** L1's time in Unix seconds: an L1 without transactions may make no blocks, so what is over is judged by both. */
export interface L1Time {
  /** Of the newest block. */
  readonly block: number;
  /** Of the newest block or of our clock, whichever is later. */
  readonly now: number;
}

/** Where it stands. Times in Unix seconds. */
export type Standing =
  /** L1 knows nothing of it. */
  | { readonly state: 'open' }
  /** An older state than ours is shown, and can be challenged until then. */
  | { readonly state: 'old'; readonly version: number; readonly until: number }
  | { readonly state: 'closing'; readonly version: number; readonly until: number; readonly isNewer: boolean }
  /** The period is over, and the secret of an HTLC can still come. */
  | { readonly state: 'pending'; readonly version: number; readonly until: number }
  /** @param isLate an older state than ours stands, and nobody can challenge it any more. */
  | { readonly state: 'due'; readonly version: number; readonly isLate: boolean }
  /** The period is over, and L1 does not tell which state stands. */
  | { readonly state: 'unknown'; readonly version: number }
  /** Settled, and so much waits for our party. */
  | { readonly state: 'owed'; readonly amount: bigint }
  /** Settled, and nothing waits now. `paid` is what our party got. */
  | { readonly state: 'paid'; readonly paid: bigint };

/** The last second in which a secret counts. */
function lastSecond({ expiry }: Htlc, close: Pick<ChannelClose, 'periodEnd'> | undefined): number {
  return close === undefined ? expiry : Math.min(expiry, close.periodEnd + MAX_LOCK_AFTER_PERIOD);
}

/** The state whose balances count: what stands on L1, but for an older one that can still be challenged. */
function decidingState({ close, standing, ours }: Sight, time: L1Time): ChannelState {
  if (close === undefined || standing === undefined) return ours;
  const isChallengeable = standing.version < ours.version && time.block < close.periodEnd;
  return isChallengeable ? ours : standing;
}

/** Whether a secret was shown in time. */
function isPaid(htlc: Htlc, { close, revealed }: Pick<Sight, 'close' | 'revealed'>): boolean {
  const at = revealed.get(htlc.hash);
  return at !== undefined && at <= lastSecond(htlc, close);
}

/** What our party, or the other one, was paid. */
function paidTo(close: ChannelClose, toB: boolean): bigint {
  return toB === close.residualIsB ? close.paidResidual : close.paidSenior;
}

/** Where a channel stands. */
export function standingOf(sight: Sight, time: L1Time): Standing {
  const { close, ours, party, held, standing } = sight;
  if (close === undefined) return { state: 'open' };
  const { version, periodEnd: until } = close;
  if (close.isSettled) {
    const amount = dueNow(close, held, party === 'b');
    return amount > 0n ? { state: 'owed', amount } : { state: 'paid', paid: paidTo(close, party === 'b') };
  }
  const isOlder = version < ours.version;
  // As long as no block is behind the end a challenge may come in time.
  if (isOlder && time.block < until) return { state: 'old', version, until };
  if (time.now < until) return { state: 'closing', version, until, isNewer: version > ours.version };
  if (standing === undefined) return { state: 'unknown', version };
  const open = standing.htlcs.filter((htlc) => !isPaid(htlc, sight)).map((htlc) => lastSecond(htlc, close));
  const last = Math.max(0, ...open);
  if (time.now <= last) return { state: 'pending', version, until: last + 1 };
  return { state: 'due', version, isLate: isOlder };
}

/** What of a channel is whose, in base units. Undefined: all the rest, however much that is. */
export interface Balances {
  readonly mine: bigint | undefined;
  readonly theirs: bigint | undefined;
  readonly locked: bigint;
}

/** Whose money it is. */
export function balancesOf(sight: Sight, time: L1Time): Balances {
  const { close, party, held, accounts } = sight;
  const isB = party === 'b';
  if (close?.isSettled === true) {
    const soFar = (toB: boolean) => paidTo(close, toB) + dueNow(close, held, toB);
    return { mine: soFar(isB), theirs: soFar(!isB), locked: 0n };
  }
  const state = decidingState(sight, time);
  const locked = state.htlcs.reduce((sum, { amount }) => sum + amount, 0n);
  const residualIsMine = state.residualIsB === isB;
  // Behind a close money is on its way from the rollup to L1, where nobody adds it up.
  if (close !== undefined || accounts === undefined) {
    return residualIsMine
      ? { mine: undefined, theirs: state.claim, locked }
      : { mine: state.claim, theirs: undefined, locked };
  }
  const total = accounts.reduce((sum, { balance }) => sum + balance, held);
  const free = total > locked ? total - locked : 0n;
  const { a, b } = channelShares({ ...state, htlcs: [] }, free, () => false);
  return isB ? { mine: b, theirs: a, locked } : { mine: a, theirs: b, locked };
}

/** An HTLC as the page lists it. */
export interface LockedMoney {
  readonly hash: Bytes32;
  readonly amount: bigint;
  /** The last second in which the secret counts. */
  readonly until: number;
  /** Whether the secret pays our party. */
  readonly isMine: boolean;
  readonly secret: 'shown' | 'expired' | 'known' | 'unknown';
}

/** HTLCs of the state that counts. */
export function lockedMoney(sight: Sight, time: L1Time): readonly LockedMoney[] {
  const { party, close, secrets, revealed } = sight;
  if (close?.isSettled === true) return [];
  const { htlcs, residualIsB } = decidingState(sight, time);
  return htlcs.map((htlc) => {
    const { hash, amount, toSenior } = htlc;
    const until = lastSecond(htlc, close);
    const isMine = (party === 'b') === (toSenior ? !residualIsB : residualIsB);
    const isKnown = secrets.has(hash);
    const isOver = revealed.has(hash) || time.now >= until;
    const secret = isPaid(htlc, sight) ? 'shown' : isOver ? 'expired' : isKnown ? 'known' : 'unknown';
    return { hash, amount, until, isMine, secret };
  });
}

/** Something that L1 can be told now. */
export type Move =
  | { readonly kind: 'challenge'; readonly until: number }
  | { readonly kind: 'reveal'; readonly hash: Bytes32; readonly secret: Bytes32; readonly amount: bigint }
  | { readonly kind: 'settle'; readonly state: ChannelState }
  | { readonly kind: 'payout'; readonly amount: bigint }
  | { readonly kind: 'requestExits'; readonly indices: readonly number[] }
  | { readonly kind: 'close'; readonly indices: readonly number[] };

/** While nobody closes, the other party takes a secret without L1; so long before its end L1 is offered. */
export const REVEAL_BEFORE = 3_600;

function reveals(sight: Sight, time: L1Time): readonly Move[] {
  const isOpen = sight.close === undefined;
  return lockedMoney(sight, time).flatMap(({ hash, amount, until, isMine, secret }): Move[] => {
    const isDue = !isOpen || until - time.now <= REVEAL_BEFORE;
    return isMine && secret === 'known' && isDue
      ? [{ kind: 'reveal', hash, secret: sight.secrets.get(hash)!, amount }]
      : [];
  });
}

const isPaidOut = ({ close }: Sight): boolean => close !== undefined && close.paidSenior + close.paidResidual > 0n;

/**
 * What can be done now, the most urgent first.
 *
 * @param account that would send; only parties close and request exits. Undefined while no wallet is connected: as a party's.
 */
export function movesOf(sight: Sight, time: L1Time, account: string | undefined): readonly Move[] {
  const { terms, accounts, requested, standing, held } = sight;
  const isParty = account === undefined || isSameAddress(account, terms.a) || isSameAddress(account, terms.b);
  const now = standingOf(sight, time);
  const indices = (accounts ?? [])
    .filter(({ index, balance }) => balance > 0n && !requested.includes(index))
    .map(({ index }) => index);
  if (now.state === 'open') return [...reveals(sight, time), ...(isParty ? [{ kind: 'close' as const, indices }] : [])];
  const moves: Move[] = [];
  if (now.state === 'old') moves.push({ kind: 'challenge', until: now.until });
  if (sight.close?.isSettled !== true) moves.push(...reveals(sight, time));
  if (now.state === 'due') moves.push({ kind: 'settle', state: standing! });
  if (now.state === 'owed') moves.push({ kind: 'payout', amount: now.amount });
  // Where no sequencer says which accounts there are, their party does, as long as nothing was asked for or came.
  const isAsked = accounts === undefined && requested.length === 0 && held === 0n && !isPaidOut(sight);
  if (isParty && (indices.length > 0 || isAsked)) moves.push({ kind: 'requestExits', indices });
  return moves;
}
