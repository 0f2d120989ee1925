/**
 * One batch of 1,000 transfers, from wallets to L1, in this process: node batch-child.ts <profile>. The keys are there.
 * Each proof is verified by snarkjs too, and by the contract on a local L1.
 */

import { PROFILES, type ProfileName, publicInputsOf } from '@quittance/protocol';
import { groth16 } from 'snarkjs';
import { type ChunkProof, encodeProof } from '../../../prover/index.ts';
import { batchCost } from '../../devnet/measure.ts';
import { createProgress } from '../../devnet/progress.ts';
import { startRollup } from '../../devnet/rollup.ts';
import { runTransfers } from '../../devnet/scenario.ts';
import { SCENARIO_SIZES } from '../../devnet/scenario-parts.ts';

/** What the process measured. */
export interface BatchReport {
  readonly transfers: number;
  readonly proofs: number;
  /** From the executed chunks to verified proofs, witnesses included, one chunk after the other. */
  readonly seconds: number;
  /** Of all cores during these seconds, the sequencer's included: what `seconds` would be on one idle core. */
  readonly cpuSeconds: number;
  readonly stages: Readonly<Record<string, number>>;
  /** Peak resident bytes of this process, which is prover, sequencer and API at once; mapped key pages count. */
  readonly peakBytes: number;
  readonly constraints: number;
  readonly verifiedBySnarkjs: boolean;
  readonly acceptedOnL1: boolean;
  readonly gasPerTransfer: number;
}

const [name] = process.argv.slice(2) as [ProfileName];
const proofs: ChunkProof[] = [];
const progress = createProgress();
const rollup = await startRollup({
  profile: PROFILES[name],
  backend: 'native',
  port: 0,
  progress,
  onProof: (proof) => proofs.push(proof),
});
const { mainBatches } = await runTransfers(rollup, SCENARIO_SIZES[name], progress);
// Before snarkjs starts: its memory is not the prover's.
const peakBytes = process.resourceUsage().maxRSS * 1024;
const costs = await Promise.all(mainBatches.map((number) => batchCost(rollup, number)));
const [main] = costs;
if (main === undefined || costs.length !== 1) throw new Error(`the transfers took ${costs.length} batches, not one`);
const ofMain = proofs.slice(-main.chunks);
const stages: Record<string, number> = {};
for (const { timings } of ofMain) {
  for (const [stage, seconds] of Object.entries(timings)) stages[stage] = (stages[stage] ?? 0) + seconds;
}
let verifiedBySnarkjs = true;
for (const { proof, publicInputs } of ofMain) {
  const signals = publicInputsOf(publicInputs).map(String);
  verifiedBySnarkjs &&= await groth16.verify(rollup.prover.verifyingKeyJson, signals, encodeProof(proof));
}
const { state } = rollup.storage.batches.get(main.number)!;
const report: BatchReport = {
  transfers: main.transfers,
  proofs: main.chunks,
  seconds: stages['witness']! + stages['prove']! + stages['verify']!,
  cpuSeconds: rollup.proofTimes.slice(-main.chunks).reduce((sum, { cpu }) => sum + cpu, 0),
  stages,
  peakBytes,
  constraints: rollup.prover.constraintCount,
  verifiedBySnarkjs,
  acceptedOnL1: state === 'final' && rollup.sequencer.status().finalBatch >= main.number,
  gasPerTransfer: Number(main.gas) / main.transfers,
};
process.send!(report, () => process.exit(0));
