/** The plan of a batch, as its seal entry keeps it, and the batch's operations made of it again. */

import { type ChunkContext, NOOP, RecordKind, type StateView } from '@quittance/protocol';
import type { ChunkPlan, SealedDrop, SealPlan, SequenceRun } from '../../storage/index.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import type { ExecutedBatch } from './batch.ts';
import { collectInto } from './collect.ts';
import { inExecutionOrder } from './order.ts';
import type { PlannedChunks, PlannedOperation } from './plan.ts';
import type { PlannedDrop } from './refused.ts';

/** Consecutive sequences as one run. */
function runsOf(sequences: readonly number[]): SequenceRun[] {
  const runs: [first: number, count: number][] = [];
  for (const sequence of sequences) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === sequence) last[1] += 1;
    else runs.push([sequence, 1]);
  }
  return runs;
}

function planOfChunk(slots: readonly PlannedOperation[]): ChunkPlan {
  const collections = slots.filter(({ operation }) => operation.fields.kind === RecordKind.collectFee);
  return {
    runs: runsOf(slots.flatMap(({ source }) => source?.sequence ?? [])),
    collects: collections.map(({ operation }) => operation.fields.to),
  };
}

/** What is written down of a batch that was executed. */
export function planOf(
  chunks: PlannedChunks,
  { batchTime: time, feeTokens }: ChunkContext,
  { form }: Pick<ExecutedBatch, 'form'>,
): SealPlan {
  return { time, feeTokens, form, chunks: chunks.map(planOfChunk) };
}

/** What is written down of transfers that were dropped. */
export function dropsOfSeal(drops: readonly PlannedDrop[]): SealedDrop[] {
  return drops.map(({ source: { sequence }, refusal: { code, message, expected, actual } }) => ({
    ...{ sequence, code, message },
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
  }));
}

export interface PlannedAgain {
  readonly plan: SealPlan;
  readonly slotsPerChunk: number;
  /** The open entry with this sequence, if there is one. */
  readonly entryOf: (sequence: number) => OpenEntry | undefined;
  /** The sealed state before the batch: it says what forced exits pay. */
  readonly view: StateView;
  readonly context: ChunkContext;
  /** What is thrown of a plan that is none for this log, given what is wrong with it. */
  readonly refuse: (problem: string) => Error;
}

/** The entries that the runs of all chunks name, in order; each may be named once. */
function* entriesOf({ plan, slotsPerChunk, entryOf, refuse }: PlannedAgain): Generator<OpenEntry> {
  const seen = new Set<number>();
  for (const [position, { runs, collects }] of plan.chunks.entries()) {
    const count = runs.reduce((sum, [, length]) => sum + length, collects.length);
    if (count > slotsPerChunk)
      throw refuse(`chunk ${position} holds ${count} operations, at most ${slotsPerChunk} fit`);
    for (const [first, length] of runs) {
      for (let sequence = first; sequence < first + length; sequence += 1) {
        const entry = entryOf(sequence);
        if (entry === undefined) throw refuse(`entry ${sequence} is no operation that is open`);
        if (seen.has(sequence)) throw refuse(`entry ${sequence} is executed twice`);
        seen.add(sequence);
        yield entry;
      }
    }
  }
}

/**
 * The operations of a batch by chunk and slot, as whoever sealed it had them.
 *
 * @throws what `refuse` makes of a plan that names what is not open, more than fits, or another order than that of batches.
 */
export function chunksOf(again: PlannedAgain): PlannedChunks {
  const { plan, slotsPerChunk, view, context, refuse } = again;
  const entries = [...entriesOf(again)];
  const operations = inExecutionOrder(entries, view, context);
  for (const [position, { source }] of operations.entries()) {
    if (source === entries[position]) continue;
    throw refuse(`entry ${entries[position]!.sequence} is not executed in its turn: priority operations go first`);
  }
  let at = 0;
  return plan.chunks.map(({ runs, collects }) => {
    const count = runs.reduce((sum, [, length]) => sum + length, 0);
    const slots: PlannedOperation[] = operations.slice(at, at + count);
    at += count;
    for (const leaf of collects) slots.push({ operation: collectInto(leaf) });
    while (slots.length < slotsPerChunk) slots.push({ operation: NOOP });
    return slots;
  });
}
