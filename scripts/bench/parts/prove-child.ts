/** One backend of `./dev bench prove`, in its own process: node prove-child.ts <backend> prepare|prove <slots> <name>. */

import { packTrace } from '@quittance/protocol';
import { isNativeAvailable, nativeHasher, nativeSignatureVerifier } from '../../../native/index.ts';
import type { BackendName } from '../../../prover/index.ts';
import { createProver } from '../../../prover/index.ts';
import { createLogger } from '../../../runtime/index.ts';
import { portableCrypto, World } from '../../../test/support/rollup/world.ts';

/** What the process measured. */
export interface ProveReport {
  readonly seconds: number;
  /** Of all cores, in this process: a backend's child processes are not in it. */
  readonly cpuSeconds: number;
  /** Peak resident bytes: this process, and the backend's own where it has one. */
  readonly peakBytes: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly constraints: number;
}

const CHALLENGE = 987_654_321_987_654_321n;
const ACCOUNTS = 16;

const [backend, task, slots, name = 'bench'] = process.argv.slice(2) as [
  BackendName,
  'prepare' | 'prove',
  string,
  string?,
];
const slotsPerChunk = Number(slots);
const logger = createLogger({ level: 'info' });
const prover = createProver({ profile: { name, slotsPerChunk }, backend, ...(task === 'prepare' ? { logger } : {}) });
const started = performance.now();
await prover.prepare();
process.send!(task === 'prepare' ? report((performance.now() - started) / 1000, {}) : await prove());
await prover.close();
process.disconnect();

async function prove(): Promise<ProveReport> {
  const crypto = isNativeAvailable() ? { hasher: nativeHasher, verifier: nativeSignatureVerifier } : portableCrypto;
  const world = new World('bench prove', { crypto });
  for (let index = 0; index < ACCOUNTS; index++) world.fund(index % 2, 10n ** 18n);
  const trace = packTrace(crypto.hasher, world.randomChunk(slotsPerChunk).trace);
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const { timings, peakBytes } = await prover.proveChunk(trace, CHALLENGE);
  const { user, system } = process.cpuUsage(cpu);
  return { ...report((performance.now() - begun) / 1000, timings, peakBytes), cpuSeconds: (user + system) / 1e6 };
}

function report(seconds: number, stages: Readonly<Record<string, number>>, backendBytes = 0): ProveReport {
  // maxRSS is in KiB.
  const peakBytes = process.resourceUsage().maxRSS * 1024 + backendBytes;
  return { seconds, cpuSeconds: 0, peakBytes, stages, constraints: prover.constraintCount };
}
