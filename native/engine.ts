/** The execution engine of the addon: Rust rules and a tree in memory (native/core/src/engine). */

import {
  type Account,
  type ChunkResult,
  createLeafChanges,
  type Engine,
  type EngineBatch,
  type ExecuteOptions,
  type Execution,
  type ExecutionState,
  encodeAccountRows,
  invariantBroken,
  isRollupError,
  RollupError,
  readWord,
  requireBatch,
  requireBits,
  rootDiffers,
  SHARDS_BYTES,
  SLOT_TRACE_BYTES,
  TREE_CAPACITY,
  viewOf,
  writeWord,
} from '@quittance/protocol';
import { type AddonEngine, type AddonExecuteInput, type AddonExecution, requireAddon } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { call, callAsync } from './call.ts';
import { refusedSlots } from './engine-refusal.ts';
import { NativeState } from './engine-state.ts';
import { describe } from './input.ts';

/**
 * Most bytes of a state by default. All 2^24 accounts with their tree are 2.1 GB, so accounts alone never reach it; the rest is
 * for batches (7 kB a slot with traces).
 */
export const DEFAULT_MAX_STATE_BYTES = 3 * 2 ** 30;

const MAX_THREADS = 256;
const SIZE_BITS = 53;
const LEAF_BITS = Math.log2(TREE_CAPACITY);

export interface NativeEngineOptions {
  /**
   * Threads of its own for this engine, 1 to 256. When it is left out, as many as there are cores, shared by all such engines;
   * never those of the prover, behind whose work a batch would wait.
   */
  readonly threads?: number;
  /** Most bytes that each state may take, together with what executes on it. DEFAULT_MAX_STATE_BYTES when it is left out. */
  readonly maxBytes?: number;
}

/**
 * The native engine. Its states live outside of JavaScript's heap; a batch is executed on other threads, and what it leads to is
 * stored on this one (a millisecond or so), so that whatever runs here without a break sees one state.
 *
 * Twin: packages/protocol/engine/reference.ts createReferenceEngine.
 *
 * @throws RollupError OUT_OF_RANGE, NATIVE_UNAVAILABLE, RESOURCES_SHORT when its threads do not start.
 */
export function createNativeEngine({ threads, maxBytes = DEFAULT_MAX_STATE_BYTES }: NativeEngineOptions = {}): Engine {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= MAX_THREADS)) {
    const data = { name: 'threads', actual: describe(threads), expected: `1 to ${MAX_THREADS}` };
    throw new RollupError('OUT_OF_RANGE', `an engine has 1 to ${MAX_THREADS} threads, not ${describe(threads)}`, data);
  }
  requireBits('maxBytes', maxBytes, SIZE_BITS);
  const addon = requireAddon();
  return engineOf(call(() => new addon.NativeEngine(threads, maxBytes)));
}

/** The engine of an addon's. Tests give one that fails. */
export function engineOf(addon: AddonEngine): Engine {
  const states = new WeakSet<ExecutionState>();
  const restore = (rows: Uint8Array): NativeState => {
    const state = new NativeState(call(() => addon.restore(rows)));
    states.add(state);
    return state;
  };
  return {
    name: 'native',
    createState: (accounts: Iterable<readonly [index: number, account: Account]> = []) =>
      restore(encodeAccountRows(lastOf(accounts))),
    restore(rows, expectedRoot) {
      const state = restore(rows);
      if (state.root === expectedRoot) return state;
      throw rootDiffers(expectedRoot, state.root);
    },
    async execute(state, batch, options) {
      if (!(state instanceof NativeState) || !states.has(state)) {
        throw invariantBroken('the state was made by another engine');
      }
      const slots = requireBatch(batch, options);
      return state.whileExecuting(async (native) => {
        const input = addonInput(batch, slots, options);
        const run = () => callAsync(() => native.execute(...input));
        const execution = await twice(run, () => state.root);
        if (execution.refusals.length === 0) return executionOf(execution, batch, slots, options);
        const refusals = await refusedSlots(execution.refusals, batch, slots, options.signatures);
        return { refusals, chunks: [], changes: createLeafChanges(new Uint8Array()) };
      });
    },
  };
}

/** The last account of each index. @throws RollupError OUT_OF_RANGE for an index beyond the tree. */
function lastOf(accounts: Iterable<readonly [index: number, account: Account]>): Map<number, Account> {
  const last = new Map(accounts);
  for (const index of last.keys()) requireBits('index', index, LEAF_BITS);
  return last;
}

/**
 * What the addon gives; a second try when it broke down with the state as before: a bit that flipped in memory, or a bug that
 * only some course of the threads shows. A batch is never executed on what it led to itself.
 *
 * @throws RollupError INVARIANT_BROKEN naming both roots when it broke down after the state had changed; as the addon does.
 */
async function twice<T>(run: () => Promise<T>, rootNow: () => bigint): Promise<T> {
  const before = rootNow();
  const attempt = async () => {
    try {
      return await run();
    } catch (error) {
      const after = rootNow();
      if (after === before) throw error;
      const message = `an execution that failed left another state behind: root ${after}, not ${before}`;
      throw invariantBroken(message, { expected: before, actual: after }, error);
    }
  };
  try {
    return await attempt();
  } catch (error) {
    if (!isRollupError(error, 'INVARIANT_BROKEN') || rootNow() !== before) throw error;
    return await attempt();
  }
}

function addonInput(
  { domain, batchTime, chunks }: EngineBatch,
  slots: readonly number[],
  { signatures, onInvalid, traces, commitments }: ExecuteOptions,
): [readonly Uint8Array[], Uint8Array | undefined, AddonExecuteInput] {
  const ids = typeof signatures === 'object' ? signatures.ids : undefined;
  const domainBytes = new Uint8Array(FIELD_BYTES);
  writeWord(viewOf(domainBytes), 0, domain);
  const input = {
    domain: domainBytes,
    batchTime,
    chunks: chunks.map(({ feeTokens }, index) => ({ slots: slots[index]!, feeTokens: feeTokens.map(Number) })),
    signatures: typeof signatures === 'object' ? ('ids' as const) : signatures,
    stop: onInvalid === 'stop',
    traces,
    commitments,
  };
  return [chunks.map(({ operations }) => operations), ids, input];
}

/** An execution in which nothing was refused. */
function executionOf(
  { roots, commitments, traces, changes }: AddonExecution,
  batch: EngineBatch,
  slots: readonly number[],
  options: ExecuteOptions,
): Execution {
  const wordOf = (bytes: Uint8Array) => (position: number) => readWord(viewOf(bytes), position * FIELD_BYTES);
  const [rootAt, commitmentAt] = [wordOf(roots), wordOf(commitments)];
  const { domain, batchTime, chunks } = batch;
  let offset = 0;
  const results = chunks.map(({ feeTokens }, index): ChunkResult => {
    const [oldRoot, newRoot] = [rootAt(index), rootAt(index + 1)];
    const commitment = options.commitments || options.traces ? commitmentAt(index) : undefined;
    if (commitment === undefined || !options.traces) return { oldRoot, newRoot, commitment, trace: undefined };
    const length = SHARDS_BYTES + slots[index]! * SLOT_TRACE_BYTES;
    const bytes = traces.subarray(offset, offset + length);
    offset += length;
    const context = { domain, batchTime, feeTokens };
    return { oldRoot, newRoot, commitment, trace: { context, oldRoot, newRoot, commitment, bytes } };
  });
  return { refusals: [], chunks: results, changes: createLeafChanges(changes) };
}
