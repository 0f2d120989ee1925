/** What the contract refuses about the priority queue: operations that are changed, moved, left out or made up. */

import type { AssertionSubmission } from '@quittance/chain';
import type { RecordData } from '@quittance/protocol';
import { buildOn } from '../optimistic/calls.ts';
import { chunkOf } from '../optimistic/lie-chunks.ts';
import { HOLDERS, newcomer } from '../optimistic/lie-scene.ts';
import { priorityOf, type SlotScript, transferToNewOf } from '../optimistic/slot-scripts.ts';
import type { Arena } from './arena.ts';
import { depositRecord, executeRightly } from './honest-batch.ts';
import { submissionOf } from './lying-sequencer.ts';

/** An assertion that L1 takes from nobody. */
export interface Refusal {
  readonly name: string;
  /** Of the contract. */
  readonly error: string;
  readonly needsQueue?: true;
  readonly submission: (arena: Arena) => Promise<AssertionSubmission>;
}

/** A batch that executes the queue in some wrong way. */
const executing =
  (scripts: (operations: readonly RecordData[], right: readonly SlotScript[]) => readonly SlotScript[]) =>
  async (arena: Arena): Promise<AssertionSubmission> => {
    const { operations, leaver } = arena;
    const right = operations.map((operation) => executeRightly(operation, leaver));
    return submissionOf(await buildOn(arena.world, arena.tip, [chunkOf(...scripts(operations, right))]));
  };

/** Of what a batch does with the queue. */
export const QUEUE_REFUSALS: readonly Refusal[] = [
  {
    name: 'an operation that nobody asked for',
    error: 'PriorityNotRequested',
    submission: async (arena) => {
      const invented = depositRecord(arena.leaver, 1_000n);
      const waiting = arena.operations.map((operation) => executeRightly(operation, arena.leaver));
      return submissionOf(
        await buildOn(arena.world, arena.tip, [chunkOf(...waiting, priorityOf(invented, arena.leaver.index))]),
      );
    },
  },
  {
    name: 'a deposit of another amount',
    error: 'WrongPriorityOperations',
    needsQueue: true,
    submission: async (arena) => {
      const [deposit] = arena.operations;
      const larger = { ...deposit!, words: deposit!.words.with(2, 71n) };
      return submissionOf(await buildOn(arena.world, arena.tip, [chunkOf(priorityOf(larger, arena.leaver.index))]));
    },
  },
  {
    name: 'an operation left out',
    error: 'WrongPriorityOperations',
    needsQueue: true,
    submission: executing((_, right) => right.slice(1)),
  },
  {
    name: 'operations out of order',
    error: 'WrongPriorityOperations',
    needsQueue: true,
    submission: executing((_, [first, second, ...others]) => [second!, first!, ...others]),
  },
  {
    name: 'an operation behind another visible record',
    error: 'PriorityRecordNotFirst',
    needsQueue: true,
    submission: executing((_, right) => [transferToNewOf(HOLDERS.alice, newcomer, 1n), ...right]),
  },
];
