/** What the contract refuses at once, so that nobody has to watch for it: assertions and the error of each. */

import type { AssertionSubmission } from '@quittance/chain';
import { FIELD_MODULUS } from '@quittance/protocol';
import type { BuiltAssertion } from '../optimistic/asserted-batch.ts';
import { buildOn } from '../optimistic/calls.ts';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { chunkOf } from '../optimistic/lie-chunks.ts';
import { HOLDERS, newcomer } from '../optimistic/lie-scene.ts';
import { transferToNewOf } from '../optimistic/slot-scripts.ts';
import type { Arena } from './arena.ts';
import { honestChunk } from './honest-batch.ts';
import { refusalOf, submissionOf } from './lying-sequencer.ts';
import { QUEUE_REFUSALS, type Refusal } from './queue-refusals.ts';

const { alice } = HOLDERS;
const DAY_SECONDS = 86_400;
const MAX_AUTHORIZATION_BYTES = 32_768;

const build = ({ world, tip }: Arena, chunks: readonly ChunkScript[], time?: number): Promise<BuiltAssertion> =>
  buildOn(world, tip, chunks, time);

/** An honest batch with parts of its calldata changed. */
const changing =
  (change: (submission: AssertionSubmission) => Partial<AssertionSubmission>) =>
  async (arena: Arena): Promise<AssertionSubmission> => {
    const newAccount = transferToNewOf(alice, newcomer, 1n);
    const submission = submissionOf(await build(arena, [honestChunk(), honestChunk(newAccount)]));
    return { ...submission, ...change(submission) };
  };

const withBytes = (data: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(data);
  copy.set(bytes, offset);
  return copy;
};
const MODULUS_BYTES = Uint8Array.from(Buffer.from(FIELD_MODULUS.toString(16).padStart(64, '0'), 'hex'));
const WORDS_BYTES = 96;

/** Of what a batch says of itself. */
const BATCH_REFUSALS: readonly Refusal[] = [
  {
    name: 'an entry of a kind that L1 does not act on',
    error: 'KindNotVisible',
    submission: changing(({ visible }) => ({
      visible: visible.with(1, withBytes(visible[1]!, 0, Uint8Array.of(0x0f))),
    })),
  },
  {
    name: 'a word that is not below r',
    error: 'WordNotInField',
    submission: changing(({ visible }) => {
      const list = visible[1]!;
      return { visible: visible.with(1, withBytes(list, list.length - WORDS_BYTES, MODULUS_BYTES)) };
    }),
  },
  {
    name: 'data without its last byte',
    error: 'WrongDataLength',
    submission: changing(({ chunks }) => ({ chunks: chunks.with(1, chunks[1]!.slice(0, -1)) })),
  },
  {
    name: 'more data than can be disputed',
    error: 'TooMuchData',
    submission: changing(({ authorizations }) => ({
      authorizations: authorizations.with(0, new Uint8Array(MAX_AUTHORIZATION_BYTES)),
    })),
  },
  {
    name: 'a root that is not below r',
    error: 'InputNotInField',
    submission: changing(({ roots }) => ({ roots: roots.with(1, roots[1]! + FIELD_MODULUS) })),
  },
  {
    name: 'a commitment that is not below r',
    error: 'InputNotInField',
    submission: changing(({ commitments }) => ({ commitments: commitments.with(0, FIELD_MODULUS) })),
  },
  {
    name: 'another first root',
    error: 'WrongFirstRoot',
    submission: changing(({ roots }) => ({ roots: roots.with(0, roots[1]!) })),
  },
  {
    name: 'another parent',
    error: 'WrongParent',
    submission: changing(({ parent }) => ({ parent: { ...parent, withdrawalCount: parent.withdrawalCount + 1 } })),
  },
  {
    name: 'a number left out',
    error: 'WrongBatchNumber',
    submission: changing(({ number }) => ({ number: number + 1 })),
  },
  {
    name: 'a time to come',
    error: 'BatchInFuture',
    submission: changing(({ time }) => ({ time: time + DAY_SECONDS })),
  },
  {
    name: 'a time before the parent',
    error: 'BatchBeforeParent',
    submission: changing(({ parent }) => ({ time: parent.time - 1 })),
  },
  {
    name: 'fee tokens out of order',
    error: 'WrongFeeTokens',
    submission: changing(({ feeTokens }) => ({ feeTokens: feeTokens.with(0, 1n) })),
  },
  {
    name: 'a chunk too many',
    error: 'WrongChunkCount',
    submission: (arena) => build(arena, [chunkOf(), chunkOf(), chunkOf()]).then(submissionOf),
  },
];

/** All of them. */
export const REFUSALS: readonly Refusal[] = [...BATCH_REFUSALS, ...QUEUE_REFUSALS];

/** Tries it. @returns the contract's error; undefined when L1 would take it. */
export async function tryRefusal(arena: Arena, { needsQueue, submission }: Refusal): Promise<string | undefined> {
  if (needsQueue === true && arena.operations.length === 0) await arena.request();
  const assertion = await submission(arena);
  return refusalOf(() => arena.liar.chain.dryRun({ type: 'assertBatch', submission: assertion }));
}

/** An operation is overdue, and the batch does not execute it. Days go by on L1. */
export async function trySkipping(arena: Arena): Promise<string | undefined> {
  if (arena.operations.length === 0) await arena.request();
  await arena.pass(arena.world.parameters.priorityDelay + DAY_SECONDS);
  const submission = submissionOf(await build(arena, [honestChunk()]));
  return refusalOf(() => arena.liar.chain.dryRun({ type: 'assertBatch', submission }));
}
