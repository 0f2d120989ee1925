import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  chunkPublicInputs,
  evaluatePolynomial,
  FIELD_MODULUS,
  type PackedTrace,
  packTrace,
  portableHasher,
  publicInputsOf,
  slotCountOf,
  splitEvaluation,
} from '@quittance/protocol';
import { ELEMENT_BYTES, readElement } from '../../../prover/formats/field.ts';
import { type ConstraintSystem, interfaceCount, readR1cs } from '../../../prover/formats/r1cs.ts';
import { readSymbols } from '../../../prover/formats/sym.ts';
import type { CircuitInputs } from '../../../prover/inputs.ts';
import { chunkTileInputs } from '../../../prover/packed-inputs.ts';
import { findBrokenRow, findViolation } from '../../../prover/tiling/check.ts';
import { type ChunkTiles, PUBLIC_INPUTS } from '../../../prover/tiling/chunk.ts';
import { prepareChunkArtifacts } from '../../../prover/tiling/chunk-artifacts.ts';
import { exportR1cs } from '../../../prover/tiling/export-r1cs.ts';
import type { TiledSystem } from '../../../prover/tiling/layout.ts';
import { WitnessCalculator } from '../../../prover/witness/calculator.ts';
import { CircomWitnessGenerator } from '../../../prover/witness/circom.ts';
import { namedInputs, type TileInputs } from '../../../prover/witness/types.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';
import { World } from '../../support/rollup/world.ts';
import { CHALLENGE, SLOTS, smallChunk } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { RowIndex } from '../fixtures/rows.ts';
import { prepareThinChunk, randomThinChunk, thinInputs } from '../fixtures/thin-chunk.ts';
import { compileWholeChunk, REAL_SLOT, THIN_SLOT, type WholeSlot } from '../fixtures/whole-chunk.ts';

/** Four slots, so that there are some which are neither the first nor the last: a wire may be led past one of them. */
function longerChunk(): PackedTrace {
  const world = new World('longer-chunk');
  const [sender, receiver] = [world.fund(0, 10n ** 18n), world.fund(0, 5n)];
  world.queue(world.transfer(sender, receiver, 1_000n, 7n));
  world.queue(world.transfer(receiver, sender, 500n, 2n));
  return packTrace(portableHasher, world.flush(4).trace);
}

const CHUNKS: readonly (readonly [slots: number, trace: () => PackedTrace])[] = [
  [SLOTS, smallChunk],
  [4, longerChunk],
];

describe('prover: a chunk of tiles', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();
  const path = (): string => join(folder(), 'tiled.r1cs');

  for (const [slots, traceOf] of CHUNKS) {
    it(`of ${slots} slots agrees with the whole, compiled by circom at once, on honest and tampered assignments`, async () => {
      const trace = traceOf();
      assert.equal(slotCountOf(trace), slots);
      const { tiles, tiled } = await prepareChunkArtifacts(slots);
      const inputs = chunkTileInputs(trace, CHALLENGE);
      const { values, pairCount } = await assertAgreement({ tiles, tiled, inputs, slot: REAL_SLOT, slots }, path());
      assert.deepEqual(values.slice(1, 10), publicInputsOf(chunkPublicInputs(trace, CHALLENGE)));
      assert.ok(pairCount > slots * 5_000, `${pairCount} signals are wires in both`);
    });
  }

  for (const slots of [32, 34, 36, 70]) {
    it(`of ${slots} slots without rules agrees with the whole: its groups, the first of which may be short, too`, async () => {
      const chunk = randomThinChunk(createRandom(`thin/${propertySeed()}`), slots);
      const { tiles, tiled } = await prepareThinChunk(slots);
      const inputs = thinInputs(chunk);
      const { values, pairCount } = await assertAgreement({ tiles, tiled, inputs, slot: THIN_SLOT, slots }, path());
      const coefficients = chunk.slots.flatMap(({ record }, index) =>
        index % 2 === 0 ? [(record << 124n) + chunk.slots[index + 1]!.record] : [],
      );
      const y = evaluatePolynomial(coefficients, chunk.challenge);
      assert.deepEqual(values.slice(5, 7), Object.values(splitEvaluation(y)));
      assert.ok(pairCount > slots * 300, `${pairCount} signals are wires in both`);
    });
  }

  it('names no wire twice in an instance, so that no row of a tool that joins equal wires is another one', async () => {
    const { tiled } = await prepareThinChunk(36);
    for (const { name, instances } of tiled.layout.tiles) {
      for (const [index, { interface: wires }] of instances.entries()) {
        assert.equal(new Set(wires).size, wires.length, `${name} ${index}`);
      }
    }
  });

  const STARTS = {
    'the first limb of the sums': { accumulator: [1n, 0n, 0n] },
    'the second limb of the sums': { accumulator: [0n, 1n, 0n] },
    'the third limb of the sums': { accumulator: [0n, 0n, 1n] },
    sumV: { sumV: 1n },
  } as const;
  for (const [title, start] of Object.entries(STARTS)) {
    it(`refuses ${title} when it starts at 1, by the row that says so alone`, async () => {
      const { tiles, tiled } = await prepareThinChunk(36);
      const { layout } = tiled;
      const constraintCount = layout.constraintCount - layout.zeroWires.length;
      const open = { ...tiled, layout: { ...layout, zeroWires: [], constraintCount } };
      const chunk = { ...randomThinChunk(createRandom(title), 36), start };
      const witness = await tiledWitness(open, tiles, thinInputs(chunk));
      assert.equal(findViolation(open, witness), undefined);
      assert.equal(findViolation(tiled, witness)!.tile, 'zero');
    });
  }
});

/** A tiled chunk, and the whole that it has to be. */
interface Comparison {
  readonly tiles: ChunkTiles;
  readonly tiled: TiledSystem;
  readonly inputs: TileInputs;
  readonly slot: WholeSlot;
  readonly slots: number;
}

/** Asserts that both accept the honest assignment, and each refuses what the other refuses. @param path of a file to write. */
async function assertAgreement(comparison: Comparison, path: string): Promise<{ values: bigint[]; pairCount: number }> {
  const { tiles, tiled, inputs, slot, slots } = comparison;
  const seed = propertySeed();
  const random = createRandom(seed);
  await exportR1cs(tiled, path);
  const tiledSystem = await readR1cs(path);
  const tiledValues = elements(await tiledWitness(tiled, tiles, inputs));
  const whole = await compileWholeChunk(slots, slot);
  const wholeSystem = await readR1cs(whole.r1csPath);
  const wholeValues = await wholeWitness(whole.wasmPath, wholeInputs(comparison, tiledValues));

  assert.equal(findBrokenRow(wholeSystem, wholeValues), -1, 'the whole circuit accepts');
  assert.equal(findBrokenRow(tiledSystem, tiledValues), -1, 'the tiled system accepts');
  assert.equal(wholeSystem.outputCount + wholeSystem.publicInputCount, 9);
  assert.deepEqual(wholeValues.slice(1, 10), tiledValues.slice(1, 10), 'public inputs');

  const pairs = await pairSignals(tiled, tiles, await readSymbols(whole.symPath), wholeSystem);
  for (const { name, wholeWire, tiledWire } of pairs) {
    assert.equal(wholeValues[wholeWire], tiledValues[tiledWire], name);
  }
  const wholeRows = new RowIndex(wholeSystem);
  const tiledRows = new RowIndex(tiledSystem);
  const disagreements: string[] = [];
  let refused = 0;
  for (const { name, wholeWire, tiledWire } of pairs) {
    const old = wholeValues[wholeWire]!;
    for (const value of [random.fieldElement(), (old + 1n) % FIELD_MODULUS, old === 0n ? 1n : 0n]) {
      const byWhole = wholeRows.accepts(wholeValues, wholeWire, value);
      const byTiled = tiledRows.accepts(tiledValues, tiledWire, value);
      if (byWhole !== byTiled) disagreements.push(`${name}: whole ${byWhole}, tiled ${byTiled}`);
      if (!byTiled) refused += 1;
    }
  }
  assert.deepEqual(disagreements, [], `seed ${seed}`);
  // The few that are accepted by both are free: the inverse in a test for 0 whose operand is 0.
  assert.ok(refused > 3 * pairs.length - 100, `${refused} of ${3 * pairs.length} changes were refused`);
  return { values: tiledValues, pairCount: pairs.length };
}

async function wholeWitness(wasmPath: string, inputs: CircuitInputs): Promise<bigint[]> {
  const module = await WebAssembly.compile(new Uint8Array(await readFile(wasmPath)));
  return elements((await WitnessCalculator.create(module)).calculate(inputs));
}

async function tiledWitness(tiled: TiledSystem, tiles: ChunkTiles, inputs: TileInputs): Promise<Uint8Array> {
  const wasmPaths = Object.fromEntries(Object.values(tiles).map(({ name, circuit }) => [name, circuit.wasmPath]));
  const witnesses = await CircomWitnessGenerator.create(wasmPaths, 1);
  const witness = await witnesses.generate(tiled, inputs);
  await witnesses.close();
  return witness;
}

function elements(witness: Uint8Array): bigint[] {
  return Array.from({ length: witness.byteLength / ELEMENT_BYTES }, (_, wire) =>
    readElement(witness, wire * ELEMENT_BYTES),
  );
}

/** The inputs of the whole: public ones as the tiles make them, private ones as the tiles are given them. */
function wholeInputs({ tiles, inputs, slot }: Comparison, values: readonly bigint[]): CircuitInputs {
  const named = (tile: string) => namedInputs(inputs[tile]);
  const listed = (names: readonly string[], tile: string) =>
    Object.fromEntries(names.map((name) => [name, named(tile).map((given) => given[name]!)]));
  return {
    ...Object.fromEntries(PUBLIC_INPUTS.map((name, index) => [name, values[index + 1]!])),
    ...named('root')[0],
    ...named('weights')[0],
    ...listed(['reduced', 'quotient'], 'fold'),
    ...listed(Object.keys(slot.privateInputs), tiles.slot.name),
  } as CircuitInputs;
}

/** Signals that are wires of their own in both systems, by their names. */
async function pairSignals(
  tiled: TiledSystem,
  tiles: ChunkTiles,
  wholeNames: ReadonlyMap<string, number>,
  whole: ConstraintSystem,
): Promise<{ name: string; wholeWire: number; tiledWire: number }[]> {
  const slotNames = tiled.layout.tiles[0]!.instances.map((_, index) => `slots[${index}]`);
  const foldNames = tiled.layout.tiles[4]!.instances.map((_, index) => `folds[${index}]`);
  const prefixes = [slotNames, ['oldTile', 'newTile'], ['contextTile'], ['weightsTile'], foldNames];
  const found = new Map<number, { name: string; wholeWire: number; tiledWire: number }>();
  const taken = new Set<number>();
  for (const [tileIndex, tile] of Object.values(tiles).entries()) {
    const names = await readSymbols(tile.circuit.symPath);
    const first = interfaceCount(tile.system) + 1;
    for (const [instanceIndex, instance] of tiled.layout.tiles[tileIndex]!.instances.entries()) {
      for (const [tileName, tileWire] of names) {
        const name = `${prefixes[tileIndex]![instanceIndex]!}.${tileName}`;
        const wholeWire = wholeNames.get(name) ?? -1;
        if (tileWire < 1 || wholeWire < 1) continue;
        const tiledWire = instance.interface[tileWire] ?? instance.internalBase + tileWire - first;
        assert.ok(wholeWire < whole.wireCount);
        if (!found.has(wholeWire) && !taken.has(tiledWire)) found.set(wholeWire, { name, wholeWire, tiledWire });
        taken.add(tiledWire);
      }
    }
  }
  return [...found.values()];
}
