/** Times an engine on batches, with traces and without. */

import type { Engine, ExecuteOptions, ExecutionState } from '@quittance/protocol';
import { nextBatch, type Population, TRANSFERS } from './batches.ts';

/** What batches of one kind took, each. */
export interface Timing {
  readonly batches: number;
  readonly transfersPerSecond: number;
  readonly wallMs: number;
  /** Of all cores. */
  readonly cpuMs: number;
}

/** Both ways to execute, signatures verified in both. */
export interface EngineTiming {
  /** With what provers need. */
  readonly traces: Timing;
  /** Final roots only, as a watcher that catches up wants them. */
  readonly roots: Timing;
  /** The state's root after all of it: engines that executed the same agree in it. */
  readonly root: string;
}

const WITH_TRACES: ExecuteOptions = { signatures: 'verified', onInvalid: 'stop', traces: true, commitments: true };
const ROOTS_ONLY: ExecuteOptions = { ...WITH_TRACES, traces: false, commitments: false };

const rounded = (value: number) => Number(value.toFixed(2));

/** Executes `batches` batches, after one that does not count. `turn` goes on from batch to batch. */
async function time(
  engine: Engine,
  state: ExecutionState,
  population: Population,
  options: ExecuteOptions,
  { batches, turn }: { readonly batches: number; readonly turn: number },
): Promise<Timing> {
  let [wallMs, cpuMs] = [0, 0];
  for (let number = 0; number <= batches; number++) {
    const batch = await nextBatch(population, turn + number);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const { refusals } = await engine.execute(state, batch, options);
    const took = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    if (refusals.length > 0) throw new Error(`a transfer was refused: ${refusals[0]!.code}: ${refusals[0]!.message}`);
    if (number === 0) continue;
    wallMs += took;
    cpuMs += (user + system) / 1_000;
  }
  return {
    batches,
    transfersPerSecond: Math.round((1_000 * TRANSFERS * batches) / wallMs),
    wallMs: rounded(wallMs / batches),
    cpuMs: rounded(cpuMs / batches),
  };
}

/** Times both ways, one after the other, on one state. */
export async function timeEngine(
  engine: Engine,
  state: ExecutionState,
  population: Population,
  batches: number,
): Promise<EngineTiming> {
  const traces = await time(engine, state, population, WITH_TRACES, { batches, turn: 0 });
  const roots = await time(engine, state, population, ROOTS_ONLY, { batches, turn: batches + 1 });
  return { traces, roots, root: String(state.root) };
}
