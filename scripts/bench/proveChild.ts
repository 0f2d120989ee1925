/** One backend of `./dev bench prove`, in its own process: node proveChild.ts <backend> prepare|prove <slots>. */

import type { BackendName } from '../../prover/index.ts';
import { createProver } from '../../prover/index.ts';
import { World } from '../../test/support/world.ts';

/** What the process measured. */
export interface ProveReport {
  readonly seconds: number;
  /** Peak resident bytes: this process, and the backend's own where it has one. */
  readonly peakBytes: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly constraints: number;
}

const CHALLENGE = 987_654_321_987_654_321n;
const ACCOUNTS = 16;

const [backend, task, slots] = process.argv.slice(2) as [BackendName, 'prepare' | 'prove', string];
const slotsPerChunk = Number(slots);
const prover = createProver({ profile: { name: 'bench', slotsPerChunk }, backend });
await prover.prepare();
process.send!(task === 'prepare' ? preparedReport() : await prove());
await prover.close();
process.disconnect();

async function prove(): Promise<ProveReport> {
  const world = new World('bench prove');
  for (let index = 0; index < ACCOUNTS; index++) world.fund(index % 2, 10n ** 18n);
  const { trace } = world.randomChunk(slotsPerChunk);
  const started = performance.now();
  const { timings, peakBytes } = await prover.proveChunk(trace, CHALLENGE);
  const seconds = (performance.now() - started) / 1000;
  const own = process.resourceUsage().maxRSS * 1024;
  return { seconds, peakBytes: own + (peakBytes ?? 0), stages: timings, constraints: prover.constraintCount };
}

function preparedReport(): ProveReport {
  return { seconds: 0, peakBytes: 0, stages: {}, constraints: prover.constraintCount };
}
