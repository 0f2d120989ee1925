/** What both sides of a channel have in common: the record, its signatures, and what both make of a newer state. */

import {
  applyChange,
  type ChangeTime,
  type ChannelChange,
  type ChannelState,
  isSameAddress,
  RollupError,
  type StateSignature,
} from '@quittance/protocol';
import type { Party } from '../joint-key.ts';
import type { ChannelMessage, ChannelRecord, SignedState } from '../record.ts';
import { CLOCKS_APART, type Effects, roleOf, type StateKeys, type Waiting } from './types.ts';

/** Nothing comes of it. */
export const NOTHING: Effects = { applied: [], send: [], refused: [] };

/** Places of the signatures of a state. */
const PLACE = { a: 0, b: 1 } as const;

/** What the other party does wrong. */
export function wrong(reason: string, cause?: unknown): RollupError<'CHANNEL_PEER_WRONG'> {
  const message = `the other party of a channel breaks its rules: ${reason}`;
  return new RollupError('CHANNEL_PEER_WRONG', message, { reason }, { cause });
}

/** Nothing more changes. */
export function closing(): RollupError<'CHANNEL_CLOSED'> {
  return new RollupError('CHANNEL_CLOSED', 'the channel is being closed', {});
}

/** The record in memory. */
export type Core = ReturnType<typeof createCore>;

/** The common part of a side. */
export function createCore(initial: ChannelRecord, keys: StateKeys) {
  let record = initial;
  const us = initial.party;
  const them: Party = us === 'a' ? 'b' : 'a';
  const { vault, terms } = initial;
  /** What is ours must be in time by the other party's clock too; what is theirs, by ours. */
  const timeOf = (from: Party): ChangeTime => {
    const now = keys.now();
    const apart = from === us ? CLOCKS_APART : 0;
    return { earliest: now - apart, latest: now + apart, revealedAt: (hash) => keys.revealedAt?.(hash) };
  };
  const hashOf = (state: ChannelState): string => keys.hash(vault, state);

  const write = (changed: Partial<ChannelRecord>, effects: Partial<Effects> = {}): Effects => {
    record = { ...record, ...changed };
    return { ...NOTHING, ...effects, record };
  };

  /** As `write`, without the proposal. */
  const settleProposal = (changed: Partial<ChannelRecord>, effects: Partial<Effects>): Effects => {
    const { proposal: _, ...rest } = record;
    record = rest;
    return write(changed, effects);
  };

  const requireSigned = (state: ChannelState, signature: StateSignature, party: Party): void => {
    const signer = keys.recover(hashOf(state), signature);
    if (!isSameAddress(signer, terms[party])) throw wrong(`a state is signed by ${signer}, not by ${terms[party]}`);
  };

  /** What both signed is newer than what we have: our copy is an old one, or the answer to our proposal was lost. */
  const adopt = (newest: SignedState): Effects => {
    for (const party of ['a', 'b'] as const) requireSigned(newest.state, newest.signatures[PLACE[party]], party);
    const { proposal, asked } = record;
    const isOurs = proposal !== undefined && hashOf(proposal.state) === hashOf(newest.state);
    if (isOurs) return settleProposal({ newest, asked: [] }, { applied: proposal.changes });
    return settleProposal({ newest, asked: [] }, { forgotten: [...asked, ...(proposal?.changes ?? [])] });
  };

  return {
    ...{ us, them, hashOf, write, settleProposal, requireSigned },
    get record() {
      return record;
    },
    sign: (state: ChannelState) => keys.sign(hashOf(state)),
    timeOf,
    /** The state behind those of ours that wait and can be made. */
    behind(state: ChannelState, changes: readonly ChannelChange[]): ChannelState {
      const { capacity, isMoving } = record;
      return changes.reduce((present, change) => {
        if (change.by !== roleOf(present, us)) return present;
        try {
          return applyChange(present, change, { capacity, isMoving }, undefined);
        } catch {
          return present; // refused in its turn
        }
      }, state);
    },
    /** Our signature of the newest state. */
    ownSignature: (): StateSignature => record.newest.signatures[PLACE[us]],
    signed(state: ChannelState, ours: StateSignature, theirs: StateSignature): SignedState {
      return { state, signatures: us === 'a' ? [ours, theirs] : [theirs, ours] };
    },
    /** The state after a change by its author. @param capacity that it stands on. @throws RollupError why it cannot be made. */
    applied(
      state: ChannelState,
      { from, change }: Waiting,
      time: ChangeTime | undefined,
      capacity = record.capacity,
    ): ChannelState {
      const { isMoving } = record;
      if (change.by === roleOf(state, from)) return applyChange(state, change, { capacity, isMoving }, time);
      const message = 'a change of a channel cannot be made: its author is not who it takes the money of';
      throw new RollupError('CHANNEL_CHANGE_REFUSED', message, { reason: 'author' });
    },
    /**
     * Compares newest states. @returns what to write down when the other one's is newer; undefined when it is not. Where ours is,
     * the other side takes it over from our hello, before anything that we say behind that.
     */
    greet({ newest }: Extract<ChannelMessage, { type: 'hello' }>): Effects | undefined {
      const [ours, theirs] = [record.newest.state, newest.state];
      if (theirs.version > ours.version) return adopt(newest);
      if (theirs.version === ours.version && hashOf(ours) !== hashOf(theirs)) {
        throw wrong(`it has another version ${ours.version}`);
      }
      return undefined;
    },
  };
}
