/** Has the engine execute what a batch is to hold, without the transfers that it refuses. */

import {
  type ChunkContext,
  type Engine,
  type EngineBatch,
  type EngineChunk,
  type ExecuteOptions,
  type Execution,
  type ExecutionState,
  FEE_TOKEN_FILLER,
  invariantBroken,
  OPERATION_BYTES,
  type SignatureJudge,
  viewOf,
  WORD_BYTES,
  writeOperation,
  writeWord,
} from '@quittance/protocol';
import type { BatchRoom } from '../mempool/data-limits.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { inExecutionOrder } from './order.ts';
import { createFeeTokenOf, type PlanInput, type PlannedChunks, type PlannedOperation, planBatch } from './plan.ts';
import { dropsOf, type PlannedDrop, withoutFeeAccount } from './refused.ts';
import { inSlices } from './slices.ts';

/** What a batch executed. */
export interface ExecutedPlan {
  readonly chunks: PlannedChunks;
  /** Undefined when there was nothing to execute: every entry was dropped. */
  readonly executed: Executed | undefined;
  readonly drops: readonly PlannedDrop[];
}

/** What the engine was given, and what came of it. */
export interface Executed {
  readonly batch: EngineBatch;
  readonly signatures: SignatureJudge;
  /** Without refusals. */
  readonly execution: Execution;
}

export interface ExecuteInput {
  readonly engine: Engine;
  /** The sealed state; the engine changes it at the end. */
  readonly state: ExecutionState;
  readonly entries: readonly OpenEntry[];
  readonly room: BatchRoom;
  readonly context: ChunkContext;
  readonly feeAccount: PlanInput['feeAccount'];
  /** Whether the chunks will be proven. */
  readonly traces: boolean;
  /** Called with what is to be executed next, before it is: the state is that before the batch each time. */
  readonly onPlanned: (chunks: PlannedChunks) => Promise<void>;
  /** Told why the engine failed, before it tries again. */
  readonly onFailure: (error: unknown) => void;
  /** Lets other work run, between slices of a few milliseconds. */
  readonly pause: () => Promise<void>;
}

/** A planned batch in bytes: the operations by chunk, and the id that each signature was checked for. */
export interface PackedPlan {
  readonly chunks: readonly EngineChunk[];
  readonly ids: Uint8Array;
}

/** Packs a planned batch for an engine, an operation a step. */
export function* packPlan(planned: PlannedChunks, feeTokens: readonly bigint[]): Generator<void, PackedPlan, void> {
  const ids = new Uint8Array(planned.reduce((sum, { length }) => sum + length, 0) * WORD_BYTES);
  const idsView = viewOf(ids);
  let position = 0;
  const chunks: EngineChunk[] = [];
  for (const slots of planned) {
    const operations = new Uint8Array(slots.length * OPERATION_BYTES);
    for (const [slot, { operation, source }] of slots.entries()) {
      if (source?.entry.type === 'transfer') {
        operations.set(source.entry.packed, slot * OPERATION_BYTES);
        writeWord(idsView, position * WORD_BYTES, source.entry.id);
      } else {
        writeOperation(viewOf(operations), slot * OPERATION_BYTES, operation);
      }
      position += 1;
      yield;
    }
    chunks.push({ operations, feeTokens });
  }
  return { chunks, ids };
}

/**
 * Executes a batch, and once more when the engine fails: a thread that died says nothing of the batch.
 *
 * @throws RollupError INVARIANT_BROKEN when the engine failed half way; what the engine throws the second time.
 */
export async function executeTwice(
  { engine, state, onFailure }: Pick<ExecuteInput, 'engine' | 'state' | 'onFailure'>,
  batch: EngineBatch,
  options: ExecuteOptions,
): Promise<Execution> {
  const { root } = state;
  try {
    return await engine.execute(state, batch, options);
  } catch (error) {
    if (state.root !== root) throw invariantBroken('the engine failed and left another state behind', {}, error);
    onFailure(error);
    return await engine.execute(state, batch, options);
  }
}

/** Parts those whose fee cannot be collected from the others: the operator's account in their token is no more. */
function partUncollectable(
  { state, context: { feeTokens }, feeAccount }: ExecuteInput,
  operations: readonly PlannedOperation[],
): { readonly kept: readonly PlannedOperation[]; readonly drops: readonly PlannedDrop[] } {
  const isMissing = (token: bigint): boolean => token !== FEE_TOKEN_FILLER && feeAccount(Number(token)) === undefined;
  if (!feeTokens.some(isMissing)) return { kept: operations, drops: [] };
  const feeTokenOf = createFeeTokenOf({ view: state, feeTokens });
  const drops: PlannedDrop[] = [];
  const kept = operations.filter(({ operation, source }) => {
    const token = feeTokenOf(operation);
    if (token === undefined || source === undefined || feeAccount(token) !== undefined) return true;
    drops.push(withoutFeeAccount(source, token));
    return false;
  });
  return { kept, drops };
}

/**
 * Executes the entries in order and changes the state. Transfers that the engine refuses are dropped, and the rest is planned
 * and executed again: what depends on them is refused with them, so the second time mostly everything is valid.
 *
 * @throws RollupError INVARIANT_BROKEN when something else is refused; as `Engine.execute`.
 */
export async function executeEntries(input: ExecuteInput): Promise<ExecutedPlan> {
  const { state, entries, room, context, feeAccount, traces, onPlanned, pause } = input;
  const { domain, batchTime, feeTokens } = context;
  const { kept, drops: uncollectable } = partUncollectable(input, inExecutionOrder(entries, state, context));
  const drops: PlannedDrop[] = [...uncollectable];
  let operations = kept;
  // Ends, since each round drops a transfer; nearly always after the second.
  for (;;) {
    const chunks = await inSlices(planBatch({ ...room, view: state, operations, feeTokens, feeAccount }), pause);
    if (chunks.length === 0) return { chunks, executed: undefined, drops };
    await onPlanned(chunks);
    const packed = await inSlices(packPlan(chunks, feeTokens), pause);
    const batch = { domain, batchTime, chunks: packed.chunks };
    const signatures = { ids: packed.ids };
    const execution = await executeTwice(input, batch, { signatures, onInvalid: 'skip', traces, commitments: true });
    if (execution.refusals.length === 0) return { chunks, executed: { batch, signatures, execution }, drops };
    const refused = dropsOf(chunks, execution.refusals, state);
    const gone = new Set(refused.map(({ source }) => source));
    operations = operations.filter(({ source }) => source === undefined || !gone.has(source));
    drops.push(...refused);
  }
}
