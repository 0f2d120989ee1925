/** `./dev bench circuit`: how many constraints a slot and the other tiles have, and which of the slot's parts has how many. */

import type { ConstraintSystem } from '../../prover/index.ts';
import { prepareChunkArtifacts, readSymbols } from '../../prover/index.ts';
import { printResult, readBenchOptions } from './parts/options.ts';

const options = readBenchOptions('circuit', 2);
const artifacts = await prepareChunkArtifacts(options.slots);
const { slot, ...others } = artifacts.tiles;
const tiles = Object.fromEntries(Object.values(others).map(({ name, system }) => [name, system.constraintCount]));
const symbols = await readSymbols(slot.circuit.symPath);
const parts = countByPart(slot.system, symbols);
const result = {
  constraintsPerSlot: slot.system.constraintCount,
  parts,
  tiles,
  termsPerSlot: slot.system.wires.length,
};
printResult(result, options, [
  `slot      ${result.constraintsPerSlot} constraints`,
  ...Object.entries(parts).map(([name, count]) => `${String(count).padStart(10)}  ${name}`),
  ...Object.entries(tiles).map(([name, count]) => `${name.padEnd(9)} ${count}`),
]);

/**
 * A row belongs to the component of main that most of its wires belong to; `main` itself when none does. Rows at the
 * seams could be counted on either side, so the parts are a guide; their sum is exact.
 */
function countByPart(system: ConstraintSystem, names: ReadonlyMap<string, number>): Record<string, number> {
  const owners: string[] = new Array<string>(system.wireCount).fill('main');
  for (const [name, wire] of names) {
    const [component, signal] = name.split('.', 2);
    if (wire > 0 && signal !== undefined) owners[wire] = component!.replace(/\[\d+\]$/, '[]');
  }
  const counts = new Map<string, number>();
  for (let row = 0; row < system.constraintCount; row++) {
    const owner = majority(owners, system.wires.subarray(system.starts[3 * row]!, system.starts[3 * row + 3]!));
    counts.set(owner, (counts.get(owner) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, left], [, right]) => right - left));
}

function majority(owners: readonly string[], wires: Uint32Array): string {
  const votes = new Map<string, number>();
  for (const wire of wires) {
    const owner = owners[wire]!;
    if (wire !== 0 && owner !== 'main') votes.set(owner, (votes.get(owner) ?? 0) + 1);
  }
  return [...votes].sort(([, left], [, right]) => right - left)[0]?.[0] ?? 'main';
}
