/** One part of `./dev bench execute` in its own process: node execute-child.ts <ExecuteJob as JSON>. */

import { createReferenceEngine } from '@quittance/protocol';
import { createNativeEngine, nativeHasher, nativeSignatureVerifier } from '../../../native/index.ts';
import { accountsBetween, createPopulation } from './execute/batches.ts';
import { measureGrowth } from './execute/growth.ts';
import type { ExecuteJob, ExecuteReports } from './execute/jobs.ts';
import { compareRecords } from './execute/records.ts';
import { timeEngine } from './execute/timing.ts';

async function run(job: ExecuteJob): Promise<ExecuteReports[ExecuteJob['part']]> {
  if (job.part === 'records') return compareRecords(job);
  if (job.part === 'growth') return measureGrowth(job.accounts, job.batches);
  const population = createPopulation(job.accounts);
  const crypto = { hasher: nativeHasher, verifier: nativeSignatureVerifier };
  const engine = job.engine === 'native' ? createNativeEngine() : createReferenceEngine(crypto);
  const state = engine.createState(accountsBetween(population, 0, job.accounts));
  return timeEngine(engine, state, population, job.batches);
}

process.once('disconnect', () => process.exit(1));
process.send!(await run(JSON.parse(process.argv[2]!) as ExecuteJob), () => process.exit(0));
