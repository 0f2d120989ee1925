/** What one side of a channel does, and what comes of it. */

import type {
  ChannelChange,
  ChannelFunds,
  ChannelRole,
  ChannelState,
  RollupError,
  StateSignature,
} from '@quittance/protocol';
import type { Party } from '../joint-key.ts';
import type { ChannelMessage, ChannelRecord } from '../record.ts';

/** Signs and checks states. */
export interface StateKeys {
  /** EIP-712 hash of a state of this vault. */
  hash(vault: string, state: ChannelState): string;
  sign(hash: string): StateSignature;
  /** Who signed. @throws RollupError BAD_SIGNATURE. */
  recover(hash: string, signature: StateSignature): string;
  /** Unix seconds. */
  now(): number;
  /** When the secret of a hash was shown on L1, as far as is known: what was shown in time is taken late. */
  revealedAt?(hash: string): number | undefined;
}

/** What a call comes to. */
export interface Effects {
  /** To be written down, if it changed. */
  readonly record?: ChannelRecord;
  /** Changes that are in a state that both signed from now on; they are written down with the record. */
  readonly applied: readonly ChannelChange[];
  /** To be sent once all of that is on disk. */
  readonly send: readonly ChannelMessage[];
  /** Changes of ours that will not be made. */
  readonly refused: readonly { readonly change: ChannelChange; readonly error: RollupError }[];
  /**
   * The newest state is the other party's, since our copy was an old one: changes of ours of which we do not know whether they
   * were made. Undefined where it was not so.
   */
  readonly forgotten?: readonly ChannelChange[];
}

/** One side of a channel. A call that throws changed nothing; after CHANNEL_PEER_WRONG the connection is to be closed. */
export interface ChannelSide {
  readonly record: ChannelRecord;
  /** Whether the other party proposed what stands on more money than is known here to be final: it is signed once it is. */
  readonly isBehind: boolean;
  /** What to send first on each connection. What was said on an earlier one is forgotten. */
  begin(): ChannelMessage;
  /** @throws RollupError CHANNEL_PEER_WRONG, CHANNEL_CLOSED or BAD_SIGNATURE. */
  receive(message: ChannelMessage): Effects;
  /** Wants a change; the orderer is asked for it. @throws RollupError CHANNEL_CLOSED, or why it cannot be made now. */
  want(change: ChannelChange): Effects;
  /** Orderer: does not want a change any more that waits for its version. One that was said to the other party cannot be taken back. */
  withdraw(change: ChannelChange): Effects;
  /** Orderer: the next version of what waits, if there is any and the one before it is signed. */
  propose(): Effects | undefined;
  /**
   * How much of the account is final, and whether money is in flight. To be written down before our share of a signature that
   * moves money is given.
   *
   * @throws RollupError CHANNEL_CHANGE_REFUSED when less is there, or more in flight, than a version stands on that is proposed.
   */
  setFunds(funds: ChannelFunds): Effects;
  /**
   * More is known than was: L1 shows a secret, or more money is final. What could not be signed is looked at again.
   *
   * @throws as `receive`.
   */
  reconsider(): Effects;
  /** Nothing more changes from now on. */
  setClosing(): Effects;
}

/** A change that waits for its version, and who wants it. */
export interface Waiting {
  readonly from: Party;
  readonly change: ChannelChange;
}

/** Seconds that the clocks of two parties may be apart: nobody begins what could be too late for the other one. */
export const CLOCKS_APART = 60;

/** Most changes of one version: a proposal stays small enough to be read at once. */
export const MOST_CHANGES = 256;
/** Most changes of the other party that wait for their version. */
export const MOST_ASKED = 1_024;

/** What one side of a channel is in this state. */
export function roleOf({ residualIsB }: ChannelState, party: Party): ChannelRole {
  return residualIsB === (party === 'b') ? 'residual' : 'senior';
}
