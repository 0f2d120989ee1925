/**
 * `./dev bench prove`: native against snarkjs on the same chunk, witness and verification included, each backend in
 * processes of its own. Seconds are from the executed chunk to the verified proof; keys are made before the clock.
 * `./dev bench prove --profile single`: 1,000 transfers from wallets to L1 in that profile.
 */

import { PROFILES, type ProfileName } from '@quittance/protocol';
import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';
import type { BatchReport } from './parts/batch-child.ts';
import { runChild } from './parts/children.ts';
import { describeMachine } from './parts/machine.ts';
import { printResult, readBenchOptions } from './parts/options.ts';
import type { ProveReport } from './parts/prove-child.ts';

const DEFAULT_SLOTS = 32;
const SCALAR = { QUITTANCE_DISABLE_IFMA: '1' };
const options = readBenchOptions('prove', DEFAULT_SLOTS);
const inGibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

if (!isNativeAvailable()) console.error(nativeUnavailableReason());
if (options.profile === undefined) await compareBackends();
else await proveBatch(options.profile);

async function compareBackends(): Promise<void> {
  const slots = String(options.slots);
  const { ifma } = describeMachine();
  const prove = (backend: string, environment = {}) =>
    runChild<ProveReport>('./prove-child.ts', [backend, 'prove', slots], environment);
  await runChild('./prove-child.ts', ['snarkjs', 'prepare', slots]);
  const snarkjs = await prove('snarkjs');
  const rated = (report: ProveReport) => ({
    ...report,
    ratio: snarkjs.seconds / report.seconds,
    constraintsPerSecond: report.constraints / report.seconds,
  });
  if (isNativeAvailable()) await runChild('./prove-child.ts', ['native', 'prepare', slots]);
  const native = isNativeAvailable() ? rated(await prove('native')) : null;
  const scalar = isNativeAvailable() && ifma ? rated(await prove('native', SCALAR)) : null;
  const result = {
    ratio: native?.ratio ?? null,
    slots: options.slots,
    constraints: snarkjs.constraints,
    native,
    nativeWithoutIfma: scalar,
    snarkjs: rated(snarkjs),
  };
  const line = (name: string, report: ProveReport) =>
    `${name.padEnd(20)}${report.seconds.toFixed(2)} s, ${inGibibytes(report.peakBytes)}, ratio ${(snarkjs.seconds / report.seconds).toFixed(1)}`;
  printResult(result, options, [
    `${options.slots} slots, ${result.constraints} constraints`,
    line('snarkjs', snarkjs),
    ...(native ? [line(ifma ? 'native, IFMA' : 'native', native)] : []),
    ...(scalar ? [line('native without IFMA', scalar)] : []),
  ]);
}

/** Makes the keys in one process and proves in another, so that the setup does not count as memory of the proof. */
async function proveBatch(profile: ProfileName): Promise<void> {
  const slots = String(PROFILES[profile].slotsPerChunk);
  const setUp = await runChild<ProveReport>('./prove-child.ts', ['native', 'prepare', slots, profile]);
  const report = await runChild<BatchReport>('./batch-child.ts', [profile]);
  const result = { profile, ...report, prepareSeconds: setUp.seconds };
  printResult(result, { ...options, name: `batch-${profile}` }, [
    `${report.transfers} transfers, ${report.proofs} proofs, ${report.seconds.toFixed(1)} s, ${inGibibytes(report.peakBytes)}`,
    `snarkjs verifies: ${report.verifiedBySnarkjs}; accepted on L1: ${report.acceptedOnL1}, ${report.gasPerTransfer.toFixed(1)} gas a transfer`,
  ]);
}
