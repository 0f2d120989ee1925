/** What a party keeps of a channel, and what the two say to each other. */

import type { ChannelChange, ChannelState, ChannelTerms, StateSignature } from '@quittance/protocol';
import type { Party } from './joint-key.ts';

/** A state with the signatures of both, A's first. */
export interface SignedState {
  readonly state: ChannelState;
  readonly signatures: readonly [StateSignature, StateSignature];
}

/** What the orderer has proposed and the other party has not signed yet, as far as is known. */
export interface Proposal {
  readonly state: ChannelState;
  readonly changes: readonly ChannelChange[];
  /** Ours. There is one a version, ever. */
  readonly signature: StateSignature;
}

/** A channel as one party keeps it. Each value is written before anything that follows from it is sent. */
export interface ChannelRecord {
  readonly terms: ChannelTerms;
  readonly vault: string;
  readonly party: Party;
  /** Whether this side puts the changes of both in their order; the other one asks it. */
  readonly isOrderer: boolean;
  /** The newest state that both signed. */
  readonly newest: SignedState;
  /** Orderer: the next one, until the other has signed it. */
  readonly proposal?: Proposal;
  /** The other party: changes that it asked for, until they are in a state that both signed. */
  readonly asked: readonly ChannelChange[];
  /** The final balance of the account less what is in flight, in base units. */
  readonly capacity: bigint;
  readonly isMoving: boolean;
  /** Nothing more changes: it is being closed. */
  readonly isClosing: boolean;
}

/** What one party says to the other in a channel. */
export type ChannelMessage =
  /** First after each connection: the newest state that both signed, as the sender has it. */
  | { readonly type: 'hello'; readonly newest: SignedState }
  /** To the orderer: changes that the sender wants. */
  | { readonly type: 'ask'; readonly changes: readonly ChannelChange[] }
  /** By the orderer: the next version. */
  | {
      readonly type: 'propose';
      readonly version: number;
      readonly changes: readonly ChannelChange[];
      readonly signature: StateSignature;
    }
  /** To the orderer: the sender has written the version down, and signs it. */
  | { readonly type: 'sign'; readonly version: number; readonly signature: StateSignature }
  /** By the orderer: a change that was asked for cannot be made. By the other party: a secret that was proposed came too late. */
  | { readonly type: 'refuse'; readonly key: string; readonly code: string; readonly message: string };

/** What tells the changes of one channel apart: its author, and a payment's id, or an HTLC's hash with what is done to it. */
export function changeKey(change: ChannelChange): string {
  switch (change.type) {
    case 'pay':
      return `${change.by} pay ${change.id}`;
    case 'lock':
      return `${change.by} lock ${change.htlc.hash}`;
    case 'fulfill':
      return `${change.by} fulfill ${change.secret}`;
    case 'release':
      return `${change.by} release ${change.hash}`;
    case 'swap':
      return 'swap';
  }
}

const KEYS = new WeakMap<readonly ChannelChange[], ReadonlySet<string>>();

/** Keys of a list of changes, which nobody changes any more. */
export function changeKeys(changes: readonly ChannelChange[]): ReadonlySet<string> {
  const known = KEYS.get(changes) ?? new Set(changes.map(changeKey));
  KEYS.set(changes, known);
  return known;
}

/** What a change says besides its key. */
function detailsOf(change: ChannelChange): readonly (string | number | bigint)[] {
  switch (change.type) {
    case 'pay':
      return [change.amount];
    case 'lock': {
      const { htlc, onward = [] } = change;
      return [htlc.amount, htlc.expiry, ...onward.flatMap(({ to, amount, expiry }) => ['to', to, amount, expiry])];
    }
    case 'release':
      return change.reason === undefined ? [] : [change.reason];
    case 'swap':
      return [change.capacity];
    case 'fulfill':
      return [];
  }
}

/** All that a change says, in one form. */
export function changeContent(change: ChannelChange): string {
  return [changeKey(change), ...detailsOf(change)].join(' ');
}

/**
 * Who made each of these changes, which are the last ones before `state`: a role is another party's behind a swap.
 *
 * @param state with all of them made.
 */
export function authorsOf({ residualIsB }: ChannelState, changes: readonly ChannelChange[]): readonly Party[] {
  let isB = residualIsB;
  const lastFirst = changes.toReversed().map((change): Party => {
    if (change.type === 'swap') isB = !isB;
    return (change.by === 'residual') === isB ? 'b' : 'a';
  });
  return lastFirst.toReversed();
}
