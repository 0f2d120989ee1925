/** `./dev bench growth`: what a proof costs as it grows, natively: seconds, memory, seconds per slot. */

import { PROFILES } from '@quittance/protocol';
import { runChild } from './parts/children.ts';
import { printResult, readBenchOptions } from './parts/options.ts';
import type { ProveReport } from './parts/prove-child.ts';

const SIZES = [8, 32, PROFILES.standard.slotsPerChunk, 248, PROFILES.single.slotsPerChunk];

const options = readBenchOptions('growth', PROFILES.single.slotsPerChunk);
const rows = [];
for (const slots of SIZES.filter((size) => size <= options.slots)) {
  const profile = Object.values(PROFILES).find(({ slotsPerChunk }) => slotsPerChunk === slots);
  const name = profile?.name ?? 'bench';
  const setUp = await runChild<ProveReport>('./prove-child.ts', ['native', 'prepare', String(slots), name]);
  const { seconds, cpuSeconds, peakBytes, stages, constraints } = await runChild<ProveReport>('./prove-child.ts', [
    'native',
    'prove',
    String(slots),
    name,
  ]);
  const [secondsPerSlot, constraintsPerSecond] = [seconds / slots, constraints / seconds];
  rows.push({
    slots,
    constraints,
    seconds,
    cpuSeconds,
    secondsPerSlot,
    constraintsPerSecond,
    peakBytes,
    stages,
    prepareSeconds: setUp.seconds,
  });
}
printResult(
  { rows },
  options,
  rows.map(
    ({ slots, seconds, secondsPerSlot, peakBytes }) =>
      `${String(slots).padStart(6)} slots ${seconds.toFixed(2).padStart(8)} s ${(1000 * secondsPerSlot).toFixed(1).padStart(7)} ms a slot ${(peakBytes / 2 ** 30).toFixed(2).padStart(7)} GiB`,
  ),
);
