/**
 * What to do about one chunk of a waiting batch: a table over the verdict of the replay and the phase of its disputes on
 * L1. Which of the moves are ours is up to the mode (modes.ts). Source: docs/protocol.md, Disputes.
 */

import type { Verdict } from '../replay/verdict.ts';

/**
 * Where the disputes of a chunk stand.
 *
 * - `open`: undisputed, and it can be disputed; `behind`: likewise, but an earlier lie comes first (behind.ts);
 *   `expired`: it cannot be disputed any more.
 * - `awaiting`: disputed, without an answer, in time for one; `expiring`: that time ends about now, and L1's next block
 *   decides; `overdue`: it is over.
 * - `answered`: a step can be proven; `committing`: our commitment is on its way or in the newest block; `committed`: it
 *   is in an earlier block.
 * - `proven`: by a validity proof; `closed`: the batch does not wait any more.
 */
export const CHUNK_PHASES = [
  'open',
  'behind',
  'expired',
  'awaiting',
  'expiring',
  'overdue',
  'answered',
  'committing',
  'committed',
  'proven',
  'closed',
] as const;
export type ChunkPhase = (typeof CHUNK_PHASES)[number];

/** A move about a chunk. `wait` and `none` differ for people only: it is the other side's turn, or nobody's. */
export type ChunkMove =
  | 'none'
  | 'wait'
  | 'dispute'
  | 'answer'
  | 'reject'
  | 'commit'
  | 'prove'
  /** A lie that nobody disputed in time: it becomes final. */
  | 'alarmUndisputed'
  /** A right chunk that its asserter did not answer for: it gets rejected. */
  | 'alarmUnanswered';

/** The whole table. */
export const CHUNK_TABLE: Readonly<Record<Verdict, Readonly<Record<ChunkPhase, ChunkMove>>>> = {
  // Nothing is staked or said about what was not replayed.
  unverified: {
    open: 'none',
    behind: 'none',
    expired: 'none',
    awaiting: 'none',
    expiring: 'none',
    overdue: 'none',
    answered: 'none',
    committing: 'none',
    committed: 'none',
    proven: 'none',
    closed: 'none',
  },
  right: {
    open: 'none',
    behind: 'none',
    expired: 'none',
    awaiting: 'answer',
    expiring: 'answer',
    overdue: 'alarmUnanswered',
    // The dispute is lost by its author when the step window ends (bond-tables.ts).
    answered: 'wait',
    committing: 'none',
    committed: 'none',
    proven: 'none',
    closed: 'none',
  },
  wrong: {
    open: 'dispute',
    behind: 'wait',
    expired: 'alarmUndisputed',
    awaiting: 'wait',
    expiring: 'reject',
    overdue: 'reject',
    answered: 'commit',
    committing: 'wait',
    committed: 'prove',
    proven: 'none',
    closed: 'none',
  },
};

/** Looks up the move. */
export function chunkMove(verdict: Verdict, phase: ChunkPhase): ChunkMove {
  return CHUNK_TABLE[verdict][phase];
}
