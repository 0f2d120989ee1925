/** The engine that the rules are written in: TypeScript, on maps of bigint. Runs everywhere, slowly. */

import { invariantBroken, RollupError } from '../errors/index.ts';
import type { Crypto } from '../state/apply.ts';
import { type ExecutionState, RollupState } from '../state/state.ts';
import { decodeAccountRows } from '../tree/account-row.ts';
import type { Operation } from '../types.ts';
import { requireBatch } from './batch.ts';
import { createLeafChanges, encodeLeafChanges } from './changes.ts';
import type { ChunkResult, Engine, EngineBatch, Execution } from './engine.ts';
import { unpackOperations } from './operation.ts';
import { type Pause, ReferenceRun } from './reference-run.ts';

/** For who has nothing else to do. */
const neverPause: Pause = () => undefined;

/**
 * The reference engine. Twin: native/engine.ts createNativeEngine.
 *
 * @param pause lets others run while a batch is executed; without it, nobody does until the end.
 */
export function createReferenceEngine(crypto: Crypto, pause: Pause = neverPause): Engine {
  const executing = new WeakSet<ExecutionState>();
  return {
    name: 'reference',
    createState: (accounts) => new RollupState(crypto.hasher, accounts),
    restore(rows, expectedRoot) {
      const state = new RollupState(crypto.hasher, decodeAccountRows(rows));
      if (state.root === expectedRoot) return state;
      throw rootDiffers(expectedRoot, state.root);
    },
    async execute(state, batch, options) {
      if (!(state instanceof RollupState)) throw invariantBroken('the state was made by another engine');
      requireBatch(batch, options);
      if (executing.has(state)) throw invariantBroken('another batch is being executed on this state');
      executing.add(state);
      try {
        return await executeAll(new ReferenceRun(crypto, state, batch, options, pause), batch, pause);
      } finally {
        executing.delete(state);
      }
    },
  };
}

/** What a restored state says of itself when its root is not the one it was restored for. */
export function rootDiffers(expected: bigint, actual: bigint): RollupError<'CLAIM_FALSE'> {
  const message = `the accounts give the root ${actual}, not ${expected}`;
  return new RollupError('CLAIM_FALSE', message, { name: 'root', expected, actual });
}

async function executeAll(run: ReferenceRun, { chunks }: EngineBatch, pause: Pause): Promise<Execution> {
  const decoded: Operation[][] = [];
  for (const { operations } of chunks) {
    decoded.push(unpackOperations(operations));
    await pause();
  }
  const results: ChunkResult[] = [];
  for (const [index, { feeTokens }] of chunks.entries()) {
    const result = await run.chunk(index, decoded[index]!, feeTokens);
    if (run.isStopped) break;
    if (result !== undefined) results.push(result);
  }
  if (run.refusals.length > 0) {
    return { refusals: run.refusals, chunks: [], changes: createLeafChanges(new Uint8Array()) };
  }
  const changes = createLeafChanges(encodeLeafChanges(run.changes()));
  run.commit();
  return { refusals: [], chunks: results, changes };
}
