/**
 * A whole batch through an engine: what happens to nearly every batch, since it is right. Whatever is odd about one is left to
 * the readers and rules of `@quittance/protocol`, record by record, which say what it is.
 */

import type { WithBlobs } from '@quittance/chain';
import {
  type BatchContent,
  type Crypto,
  type Engine,
  type Execution,
  type ExecutionState,
  invariantBroken,
  type LeafChange,
  type LeafChanges,
  type SignatureJudge,
  unpackFeeTokens,
} from '@quittance/protocol';
import { packBatch } from './pack.ts';
import { isWrongBatch } from './wrong-batch.ts';

/** The parts of a deployment that a replay needs. */
export interface ReplayDeployment {
  readonly domain: bigint;
  /** M. */
  readonly slotsPerChunk: number;
}

/** What replays batches: the rules record by record, and an engine for whole batches, whose states these are. */
export interface ReplayCrypto extends Crypto {
  readonly engine: Engine;
}

/** Takes changes back, the last one first: the state is as it was before the first one. */
export function undoChanges(state: ExecutionState, changes: Iterable<LeafChange>): void {
  state.writeAll([...changes].toReversed().map(({ index, before }) => [index, before]));
}

/** Makes changes again that `undoChanges` took back. */
export function redoChanges(state: ExecutionState, changes: Iterable<LeafChange>): void {
  state.writeAll(Array.from(changes, ({ index, after }) => [index, after]));
}

/** How a batch is executed as a whole. */
export interface WholeBatch {
  readonly batch: WithBlobs<BatchContent>;
  readonly deployment: ReplayDeployment;
  readonly signatures: SignatureJudge;
  /** Whether the commitments c have to be those of the batch. */
  readonly checksCommitments: boolean;
  /** Completes the packed operations. @returns whether they can be executed. */
  readonly complete?: (operations: readonly Uint8Array[]) => Promise<boolean>;
}

/**
 * Lengths of the lists of a batch beside those that its chunks demand, or undefined when they are the same. L1 accepts no
 * others, so a batch that has them never reached it.
 */
export function otherLengths({ batch, checksCommitments }: Pick<WholeBatch, 'batch' | 'checksCommitments'>) {
  const { form, visible, chunks, roots, feeTokens, commitments } = batch;
  const count = visible.length;
  const lengths = [roots.length - 1, feeTokens.length, chunks.length];
  const expected = [count, count, form === 'calldata' ? count : 0];
  if (checksCommitments) {
    lengths.push(commitments.length);
    expected.push(count);
  }
  if (lengths.every((length, list) => length === expected[list])) return undefined;
  return { expected: expected.join(), actual: lengths.join() };
}

/** Whether roots and commitments are those that the batch claims. */
function isAsClaimed({ chunks }: Execution, { batch, checksCommitments }: WholeBatch): boolean {
  return chunks.every(
    ({ newRoot, commitment }, chunk) =>
      newRoot === batch.roots[chunk + 1] && (!checksCommitments || commitment === batch.commitments[chunk]),
  );
}

/** What became of a whole batch: what it changed, or whether an engine has looked at it at all. */
export type WholeOutcome =
  | { readonly isRight: true; readonly changes: LeafChanges }
  | { readonly isRight: false; readonly wasExecuted: boolean };

async function execute(
  { engine }: ReplayCrypto,
  state: ExecutionState,
  whole: WholeBatch,
): Promise<Execution | undefined> {
  const { batch, deployment, signatures, checksCommitments, complete } = whole;
  const { domain, slotsPerChunk } = deployment;
  if (otherLengths(whole) !== undefined) return undefined;
  const operations = packBatch(batch, slotsPerChunk);
  if (operations === undefined || (complete !== undefined && !(await complete(operations)))) return undefined;
  const chunks = operations.map((packed, chunk) => ({
    operations: packed,
    feeTokens: unpackFeeTokens(batch.feeTokens[chunk]!),
  }));
  return engine.execute(
    state,
    { domain, batchTime: batch.time, chunks },
    { signatures, onInvalid: 'stop', traces: false, commitments: checksCommitments },
  );
}

/**
 * Executes a batch on `state`, which is as before unless the batch is right.
 *
 * @throws RollupError RESOURCES_SHORT or INVARIANT_BROKEN from the engine; nothing that is about the batch.
 */
export async function executeWhole(
  crypto: ReplayCrypto,
  state: ExecutionState,
  whole: WholeBatch,
): Promise<WholeOutcome> {
  let execution: Execution | undefined;
  try {
    execution = await execute(crypto, state, whole);
  } catch (error) {
    if (!isWrongBatch(error)) throw error;
  }
  if (execution === undefined) return { isRight: false, wasExecuted: false };
  if (execution.refusals.length > 0) return { isRight: false, wasExecuted: true };
  if (isAsClaimed(execution, whole)) return { isRight: true, changes: execution.changes };
  undoChanges(state, execution.changes);
  return { isRight: false, wasExecuted: true };
}

/** The error for a batch that an engine called wrong, and the rules, record by record, right. */
export function enginesDiffer({ name }: Engine, { number }: Pick<BatchContent, 'number'>): Error {
  return invariantBroken(`the ${name} engine calls batch ${number} wrong, the rules call it right`, {
    batch: number,
    expected: 'wrong',
    actual: 'right',
  });
}
