/** Plans the moves of a mode from a situation: pure. The most urgent comes first, since each waits for the one before. */

import { MAX_FINALIZED_AT_ONCE } from '@quittance/chain';
import type { Bytes32, StoredHeader } from '@quittance/protocol';
import { ASSERTION_TABLE, DISPUTE_TABLE } from './bond-tables.ts';
import { chunkMove } from './chunk-table.ts';
import { type Move, makes, type WatchMode } from './modes.ts';
import type { AssertionCase, ChunkCase, DisputeCase, Situation } from './situation.ts';

/** A planned move. The same key means the same action on L1. */
export type Task =
  | {
      readonly move: 'dispute' | 'answer' | 'reject' | 'commit' | 'prove';
      readonly key: string;
      readonly chunkCase: ChunkCase;
    }
  | { readonly move: 'finalize'; readonly key: string; readonly headers: readonly StoredHeader[] }
  | { readonly move: 'release'; readonly key: string; readonly assertionId: bigint }
  | { readonly move: 'settle' | 'settleForOther'; readonly key: string; readonly disputeId: bigint }
  | { readonly move: 'collect'; readonly key: string; readonly credit: bigint };

/** A committed step is proven before anyone can copy it; then come moves with a deadline, and our own money last. */
const URGENCY: readonly Move[] = [
  'prove',
  'commit',
  'answer',
  'dispute',
  'reject',
  'finalize',
  'settle',
  'settleForOther',
  'release',
  'collect',
];

const chunkKey = (move: string, assertionId: bigint, headerHash: Bytes32, chunk: number): string =>
  `${move}:${assertionId}:${headerHash}:${chunk}`;

function chunkTask(mode: WatchMode, chunkCase: ChunkCase): Task[] {
  const { assertionId, headerHash, chunk, verdict, phase, isOwn, isDisputedByUs } = chunkCase;
  const move = chunkMove(verdict, phase);
  if (!makes(mode, move)) return [];
  // The contract accepts an answer from the asserter only, and one bond per chunk is enough for any lie.
  if (move === 'answer' && !isOwn) return [];
  if (move === 'dispute' && isDisputedByUs) return [];
  if (move !== 'dispute' && move !== 'answer' && move !== 'reject' && move !== 'commit' && move !== 'prove') return [];
  return [{ move, key: chunkKey(move, assertionId, headerHash, chunk), chunkCase }];
}

/** The first waiting batches that are right and ready, as many as one call takes; the first that is not ends the list. */
function finalizeTask(mode: WatchMode, assertions: readonly AssertionCase[]): Task[] {
  if (!makes(mode, 'finalize')) return [];
  const waiting = assertions.filter(({ phase }) => phase === 'running' || phase === 'ready');
  const end = waiting.findIndex(({ verdict, phase }) => ASSERTION_TABLE[verdict][phase] !== 'finalize');
  const ready = waiting.slice(0, end < 0 ? waiting.length : end).slice(0, MAX_FINALIZED_AT_ONCE);
  if (ready.length === 0) return [];
  return [
    { move: 'finalize', key: `finalize:${ready.at(-1)!.headerHash}`, headers: ready.map(({ header }) => header) },
  ];
}

function releaseTask(mode: WatchMode, { assertionId, headerHash, verdict, phase, isOwn }: AssertionCase): Task[] {
  const move = ASSERTION_TABLE[verdict][phase];
  if (move !== 'release' || !isOwn || !makes(mode, move)) return [];
  return [{ move, key: `release:${assertionId}:${headerHash}`, assertionId }];
}

function settleTask(mode: WatchMode, { disputeId, assertionId, side, phase }: DisputeCase): Task[] {
  const move = DISPUTE_TABLE[side][phase];
  if (move === 'none' || !makes(mode, move)) return [];
  return [{ move, key: `settle:${disputeId}:${assertionId}`, disputeId }];
}

/** Whether a move can wait: no clock runs against it. */
export const isPatient = (move: Move): boolean => URGENCY.indexOf(move) > URGENCY.indexOf('finalize');

/** All moves of this mode, the most urgent first. */
export function planTasks(mode: WatchMode, situation: Situation): Task[] {
  const { chunks, assertions, disputes, credit } = situation;
  const tasks: Task[] = [
    ...chunks.flatMap((chunkCase) => chunkTask(mode, chunkCase)),
    ...finalizeTask(mode, assertions),
    ...assertions.flatMap((assertionCase) => releaseTask(mode, assertionCase)),
    ...disputes.flatMap((disputeCase) => settleTask(mode, disputeCase)),
  ];
  if (credit > 0n && makes(mode, 'collect')) tasks.push({ move: 'collect', key: 'collect', credit });
  return tasks.sort((one, other) => URGENCY.indexOf(one.move) - URGENCY.indexOf(other.move));
}
