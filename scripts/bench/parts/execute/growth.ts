/** Time and memory of the native engine as accounts become more. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createNativeEngine } from '../../../../native/index.ts';
import { accountsBetween, createPopulation } from './batches.ts';
import type { GrowthReport } from './jobs.ts';
import { timeEngine } from './timing.ts';

/** Accounts that are written at once: what JavaScript makes of them is small beside the state. */
const STEP = 1 << 16;

/** Resident bytes, without what JavaScript no longer needs. */
function residentBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage.rss();
}

/** Fills a state and times batches on it. */
export async function measureGrowth(accounts: number, batches: number): Promise<GrowthReport> {
  const population = createPopulation(accounts);
  const engine = createNativeEngine();
  const state = engine.createState();
  state.writeAll([...accountsBetween(population, 0, Math.min(STEP, accounts))]); // brings the heap to its size
  const before = accounts > STEP ? residentBytes() : 0;
  const begun = performance.now();
  for (let first = STEP; first < accounts; first += STEP) {
    state.writeAll([...accountsBetween(population, first, Math.min(first + STEP, accounts))]);
  }
  const createSeconds = Number(((performance.now() - begun) / 1_000).toFixed(2));
  const added = Math.max(0, accounts - STEP);
  const bytes = added === 0 ? 0 : residentBytes() - before;
  const bytesPerMillion = added === 0 ? 0 : Math.round((bytes / added) * 1e6);
  return { accounts, createSeconds, bytes, bytesPerMillion, ...(await timeEngine(engine, state, population, batches)) };
}
