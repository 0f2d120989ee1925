/** What a forwarder remembers of each hash besides what is on disk: what was asked for, and who waits. */

import type { Bytes32, ChannelChange, ChannelRole, RollupError } from '@quittance/protocol';
import { hashOfChange, type KeptHtlc } from '../exchange/index.ts';
import { authorsOf, type ChannelRecord } from '../record.ts';
import { roleOf } from '../side/index.ts';
import type { PendingLock } from './plan.ts';

/** What is remembered of one hash. */
export interface Memory {
  /** Our lock that was asked for, and since when, in Unix seconds. */
  pending: (PendingLock & { readonly change: ChannelChange; readonly since: number }) | undefined;
  /** Why it was not passed on. */
  refusal: string | undefined;
  /** Channels that did not take it: what waits in them was ahead of it. */
  readonly full: Set<string>;
  /** Channels whose other party may have been told the secret. */
  readonly told: Set<string>;
  /** Channels in which it is being given back: it may be so at any time, so nothing else may follow from it. */
  readonly givenBack: Set<string>;
  /** Changes that are asked for, by channel. */
  readonly asking: Set<string>;
  /** Whoever waits for our payment. */
  payment: PromiseWithResolvers<Bytes32> | undefined;
  /** Failures in a row, and when to try again. */
  failures: number;
  retryAt: number;
}

/** Nothing. */
export const newMemory = (): Memory => ({
  ...{ pending: undefined, refusal: undefined, payment: undefined, failures: 0, retryAt: 0 },
  ...{ told: new Set<string>(), givenBack: new Set<string>(), asking: new Set<string>() },
  full: new Set<string>(),
});

/** What we are in a channel once what is proposed is signed: what we want comes behind that. */
export function roleBehind({ newest, proposal, party }: ChannelRecord): ChannelRole {
  return roleOf((proposal ?? newest).state, party);
}

/** Changes of ours that are on their way in a channel: asked for, or proposed. */
export function changesUnderWay({ asked, proposal, party }: ChannelRecord): readonly ChannelChange[] {
  if (proposal === undefined) return asked;
  const authors = authorsOf(proposal.state, proposal.changes);
  return [...asked, ...proposal.changes.filter((_, place) => authors[place] === party)];
}

/** Whether a release of ours may be made at any time. Unknown channels have none. */
export function isReleaseUnderWay(record: ChannelRecord | undefined, hash: Bytes32): boolean {
  const changes = record === undefined ? [] : changesUnderWay(record);
  return changes.some((change) => change.type === 'release' && change.hash === hash);
}

/** A secret that the other party wants the money of an HTLC for, in a version that it may sign at any time. */
export function secretUnderWay(record: ChannelRecord | undefined, hash: Bytes32): Bytes32 | undefined {
  const found = record?.proposal?.changes.find((change) => change.type === 'fulfill' && hashOfChange(change) === hash);
  return found?.type === 'fulfill' ? found.secret : undefined;
}

/** Whether an HTLC of ours is in the state, also in memory, and no secret is under way. */
export function isUnanswered(record: ChannelRecord | undefined, { hash }: KeptHtlc): boolean {
  const isThere = record?.newest.state.htlcs.some((htlc) => htlc.hash === hash) === true;
  return isThere && secretUnderWay(record, hash) === undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  CHANNEL_FUNDS_SHORT: 'FUNDS_SHORT',
  CHANNEL_CLOSED: 'NO_CHANNEL',
  CHANNEL_PEER_AWAY: 'PEER_AWAY',
  NOT_FOUND: 'NO_CHANNEL',
};

/** What is said upstream when a lock is refused, be it by the other party. */
export function reasonOf({ code, data }: RollupError): string {
  const { reason } = data as { readonly reason?: unknown };
  return REASONS[code] ?? REASONS[String(reason)] ?? 'CHANNEL_FULL';
}
