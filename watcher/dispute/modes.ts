/** What a watcher does on its own in each mode. All modes observe. */

import type { AssertionMove, DisputeMove } from './bond-tables.ts';
import type { ChunkMove } from './chunk-table.ts';

/** The modes, as the command line names them. */
export const WATCH_MODES = ['observe', 'challenge', 'defend', 'resolve'] as const;
/** `answer` is for who runs in the process of the asserter, which does the rest itself. */
export type WatchMode = (typeof WATCH_MODES)[number] | 'answer';

/** Every move of the tables that changes something on L1, and collecting what they earned. */
export type Move =
  | Extract<ChunkMove, 'dispute' | 'answer' | 'reject' | 'commit' | 'prove'>
  | Exclude<AssertionMove, 'none'>
  | Exclude<DisputeMove, 'none'>
  | 'collect';

/**
 * - `observe` never acts.
 * - `challenge` stakes bonds on lies and sees the disputes through.
 * - `defend` acts for the assertions of its own account.
 * - `answer` answers disputes of them, and takes the bonds of those that are lost.
 * - `resolve` makes every move that needs no bond, for everybody.
 *
 * `answer` and `release` are possible for the asserter's own account only (plan.ts offers them to no other).
 */
export const MODE_MOVES: Readonly<Record<WatchMode, ReadonlySet<Move>>> = {
  observe: new Set(),
  challenge: new Set(['dispute', 'reject', 'commit', 'prove', 'settle', 'collect']),
  defend: new Set(['answer', 'finalize', 'release', 'settle', 'collect']),
  answer: new Set(['answer', 'settle']),
  resolve: new Set(['reject', 'commit', 'prove', 'finalize', 'settle', 'settleForOther', 'collect']),
};

/** Whether this mode makes this move. */
export function makes(mode: WatchMode, move: ChunkMove | AssertionMove | DisputeMove | 'collect'): move is Move {
  return (MODE_MOVES[mode] as ReadonlySet<string>).has(move);
}
