/**
 * `./dev bench rebuild [--batches N] [--transfers N] [--accounts N] [--json] [--save]`: puts final batches on a local L1 and has
 * `quittance rebuild` replay them, interrupted once in the middle. Ends with code 1 when the state is another one, when the
 * second run began anew, or when later batches take longer.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, PROFILES } from '@quittance/protocol';
import { chooseCrypto } from '../../cli/crypto.ts';
import { readArguments } from './parts/arguments.ts';
import { printResult } from './parts/options.ts';
import { createFinalChain, type FinalChain } from './parts/rebuild/final-chain.ts';
import { failuresOf, type RebuildResult, secondsPerBatch } from './parts/rebuild/result.ts';
import { runRebuild } from './parts/rebuild/run.ts';

const USAGE = 'usage: ./dev bench rebuild [--batches N] [--transfers N] [--accounts N] [--json] [--save]';
/** Fewer have no middle that an interruption could be in. */
const MIN_BATCHES = 40;

const { json, save, ...counts } = readArguments(
  USAGE,
  { batches: '1000', transfers: '1000', accounts: '2000' },
  (whole) => ({
    batches: whole('batches', MIN_BATCHES),
    transfers: whole('transfers', 1),
    accounts: whole('accounts', 2),
  }),
);

async function measure(chain: FinalChain, file: string): Promise<RebuildResult> {
  const batches = chain.header.number;
  const first = await runRebuild(chain, file, Math.floor(batches / 2));
  const second = await runRebuild(chain, file);
  const replayed = second.result?.replayedCount ?? batches;
  return {
    batches,
    transfers: counts.batches * counts.transfers,
    accounts: counts.accounts,
    seconds: Number((first.seconds + second.seconds).toFixed(1)),
    cpuSeconds: Number((first.cpuSeconds + second.cpuSeconds).toFixed(1)),
    secondsPerBatchFirstHalf: secondsPerBatch(first.progress),
    secondsPerBatchSecondHalf: secondsPerBatch(second.progress),
    peakBytes: Math.max(first.peakBytes, second.peakBytes),
    resumed: first.code === ExitCode.interrupted && replayed > 0 && replayed <= Math.ceil(batches / 2),
    rootsEqual: second.result?.stateRoot === String(chain.header.stateRoot),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'quittance-bench-rebuild-'));
const { engine } = chooseCrypto();
let told = 0;
const chain = await createFinalChain({
  ...{ engine, profile: PROFILES.standard, ...counts },
  onProgress(done, total) {
    if (Math.floor((10 * done) / total) === told) return;
    told = Math.floor((10 * done) / total);
    console.error(`${done} of ${total} batches are on L1`);
  },
});
try {
  const result = await measure(chain, join(folder, 'state'));
  printResult(result, { name: 'rebuild', json, save, slots: 0 }, [
    `${result.batches} batches with ${result.transfers} transfers: ${result.seconds} s (${result.cpuSeconds} s of CPU), ${(result.peakBytes / 2 ** 20).toFixed(0)} MiB`,
    `a batch: ${result.secondsPerBatchFirstHalf} s in the first half, ${result.secondsPerBatchSecondHalf} s in the second, after an interruption`,
  ]);
  const failures = failuresOf(result);
  for (const failure of failures) console.error(failure);
  process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
}
