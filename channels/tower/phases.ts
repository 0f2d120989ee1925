/** Translates what L1 says of a channel into the phases of the tables: pure. */

import { type ChannelClose, dueNow } from '@quittance/chain';
import {
  type Bytes32,
  type ChannelState,
  type ChannelTerms,
  type Htlc,
  MAX_LOCK_AFTER_PERIOD,
} from '@quittance/protocol';
import type { Party } from '@quittance/sdk/channels';
import type { VaultClaim } from './claims.ts';
import type { ClosePhase, SecretPhase, TowerSide } from './table.ts';

/**
 * The time on L1, in Unix seconds. An L1 that makes blocks only for transactions stands still between them: what may already be
 * too late is judged by `block`, what may already be possible by `now`, and the dry run decides.
 */
export interface L1Time {
  /** Of the newest block. */
  readonly block: number;
  /** Of the newest block or of our clock, whichever is later. */
  readonly now: number;
}

/** A state with its hash. */
export interface HashedState {
  readonly state: ChannelState;
  readonly hash: Bytes32;
}

/** What was read of a channel, all of it of one block. */
export interface ChannelView {
  readonly terms: ChannelTerms;
  readonly vault: string;
  readonly party: Party | undefined;
  /** The newest state that we have. */
  readonly ours: HashedState;
  readonly close: ChannelClose | undefined;
  /** The state that stands on L1, if it is known here: ours, or read from L1. */
  readonly standing: ChannelState | undefined;
  /** When L1 had which secret, in Unix seconds; what is not in it L1 does not have, or nobody asked. */
  readonly revealed: ReadonlyMap<Bytes32, number>;
  /** Base units of the vault; asked for once it is settled. */
  readonly held: bigint;
  /** Accounts of the vault whose exit is to be requested. */
  readonly exits: readonly number[];
  /** Money of the vault that can be brought to it. */
  readonly claims: readonly VaultClaim[];
  /** Whether the rollup is known to have nothing more for the vault. */
  readonly isDrained: boolean;
}

/** The last second in which the secret of an HTLC counts. Source: contracts/channels/ChannelStates.sol settledClaim. */
export function lastSecond({ expiry }: Htlc, close: Pick<ChannelClose, 'periodEnd'> | undefined): number {
  return close === undefined ? expiry : Math.min(expiry, close.periodEnd + MAX_LOCK_AFTER_PERIOD);
}

/** Whom we are. */
export const sideOf = ({ party }: Pick<ChannelView, 'party'>): TowerSide =>
  party === undefined ? 'bystander' : 'party';

/** Whether a secret was shown in time. */
const isPaid = (htlc: Htlc, { close, revealed }: Pick<ChannelView, 'close' | 'revealed'>): boolean => {
  const at = revealed.get(htlc.hash);
  return at !== undefined && at <= lastSecond(htlc, close);
};

/** HTLCs of the state that stands whose secret can still come. */
export function openHtlcs(view: ChannelView, time: L1Time): readonly Htlc[] {
  const { standing, close } = view;
  return (standing?.htlcs ?? []).filter((htlc) => !isPaid(htlc, view) && time.now <= lastSecond(htlc, close));
}

/** Where the money of a settled channel stands, for our party. */
function settledPhase(close: ChannelClose, { held, party, isDrained }: ChannelView): ClosePhase {
  if (party !== undefined && dueNow(close, held, party === 'b') > 0n) return 'owed';
  return isDrained ? 'done' : 'paid';
}

/** Where a close stands. */
export function closePhase(view: ChannelView, time: L1Time): ClosePhase {
  const { close, ours, standing } = view;
  if (close === undefined) return 'open';
  if (close.isSettled) return settledPhase(close, view);
  // A challenge is as good as in as long as L1's newest block is before the end: the dry run decides about the next one.
  const isOld = close.version < ours.state.version;
  if (isOld && time.block < close.periodEnd) return 'old';
  if (time.now < close.periodEnd) return close.stateHash === ours.hash ? 'ours' : 'newer';
  if (standing === undefined) return 'unknown';
  return openHtlcs(view, time).length > 0 ? 'pending' : 'ready';
}

/** Whether an HTLC pays this party. */
const pays = ({ toSenior }: Htlc, { residualIsB }: ChannelState, party: Party): boolean =>
  (party === 'b') === (toSenior ? !residualIsB : residualIsB);

/** The state whose HTLCs count: what stands if it is as new as ours, else ours, which is going to stand. */
export function decisiveState({ standing, ours }: Pick<ChannelView, 'standing' | 'ours'>): ChannelState {
  return standing !== undefined && standing.version >= ours.state.version ? standing : ours.state;
}

/**
 * What is known of a secret.
 *
 * @param state that the HTLC is of.
 * @param revealBefore seconds before its end in which it is due.
 */
export function secretPhase(
  htlc: Htlc,
  state: ChannelState,
  view: Pick<ChannelView, 'party' | 'close' | 'revealed'>,
  hasSecret: boolean,
  time: L1Time,
  revealBefore: number,
): SecretPhase {
  const { party, close, revealed } = view;
  if (party !== undefined && !pays(htlc, state, party)) return 'others';
  const last = lastSecond(htlc, close);
  const at = revealed.get(htlc.hash);
  if (at !== undefined) return at <= last ? 'shown' : 'expired';
  // The block in which it would be shown is later than the newest one.
  if (time.now >= last) return 'expired';
  if (!hasSecret) return 'unknown';
  return time.now + revealBefore >= last ? 'due' : 'held';
}
