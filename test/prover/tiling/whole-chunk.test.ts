import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChunkTrace, chunkPublicInputs, FIELD_MODULUS } from '@quittance/protocol';
import { ELEMENT_BYTES, readElement } from '../../../prover/formats/field.ts';
import { type ConstraintSystem, interfaceCount, readR1cs } from '../../../prover/formats/r1cs.ts';
import { readSymbols } from '../../../prover/formats/sym.ts';
import { type CircuitInputs, chunkTileInputs } from '../../../prover/inputs.ts';
import { findBrokenRow } from '../../../prover/tiling/check.ts';
import { type ChunkArtifacts, prepareChunkArtifacts } from '../../../prover/tiling/chunk-artifacts.ts';
import { exportR1cs } from '../../../prover/tiling/export-r1cs.ts';
import { WitnessCalculator } from '../../../prover/witness/calculator.ts';
import { CircomWitnessGenerator } from '../../../prover/witness/circom.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';
import { World } from '../../support/rollup/world.ts';
import { CHALLENGE, SLOTS, smallChunk } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { RowIndex } from '../fixtures/rows.ts';
import { compileWholeChunk, SLOT_PRIVATE_INPUTS } from '../fixtures/whole-chunk.ts';

/** Four slots, so that there are some which are neither the first nor the last: a wire may be led past one of them. */
function longerChunk(): ChunkTrace {
  const world = new World('longer-chunk');
  const [sender, receiver] = [world.fund(0, 10n ** 18n), world.fund(0, 5n)];
  world.queue(world.transfer(sender, receiver, 1_000n, 7n));
  world.queue(world.transfer(receiver, sender, 500n, 2n));
  return world.flush(4).trace;
}

const CHUNKS: readonly (readonly [slots: number, trace: () => ChunkTrace])[] = [
  [SLOTS, smallChunk],
  [4, longerChunk],
];

describe('prover: a chunk of tiles', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();

  for (const [slots, traceOf] of CHUNKS) {
    it(`of ${slots} slots agrees with the whole, compiled by circom at once, on honest and tampered assignments`, async () => {
      const seed = propertySeed();
      const random = createRandom(seed);
      const trace = traceOf();
      assert.equal(trace.slots.length, slots);
      const artifacts = await prepareChunkArtifacts(slots);
      const whole = await compileWholeChunk(slots);
      const wholeSystem = await readR1cs(whole.r1csPath);
      const wholeValues = await wholeWitness(whole.wasmPath, trace);
      await exportR1cs(artifacts.tiled, join(folder(), 'tiled.r1cs'));
      const tiledSystem = await readR1cs(join(folder(), 'tiled.r1cs'));
      const tiledValues = await tiledWitness(artifacts, trace);

      assert.equal(findBrokenRow(wholeSystem, wholeValues), -1, 'the whole circuit accepts');
      assert.equal(findBrokenRow(tiledSystem, tiledValues), -1, 'the tiled system accepts');
      assert.equal(wholeSystem.outputCount + wholeSystem.publicInputCount, 9);
      assert.deepEqual(wholeValues.slice(1, 10), tiledValues.slice(1, 10), 'public inputs');

      const pairs = await pairSignals(artifacts, await readSymbols(whole.symPath), wholeSystem);
      assert.ok(pairs.length > slots * 5_000, `${pairs.length} signals are wires in both`);
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
    });
  }
});

async function wholeWitness(wasmPath: string, trace: ChunkTrace): Promise<bigint[]> {
  const module = await WebAssembly.compile(new Uint8Array(await readFile(wasmPath)));
  return elements((await WitnessCalculator.create(module)).calculate(wholeInputs(trace)));
}

async function tiledWitness({ tiled, tiles }: ChunkArtifacts, trace: ChunkTrace): Promise<bigint[]> {
  const witnesses = await CircomWitnessGenerator.create(
    Object.fromEntries(Object.values(tiles).map(({ name, circuit }) => [name, circuit.wasmPath])),
    1,
  );
  const inputs = chunkTileInputs(trace, CHALLENGE);
  const witness = await witnesses.generate(tiled, inputs);
  await witnesses.close();
  return elements(witness);
}

function elements(witness: Uint8Array): bigint[] {
  return Array.from({ length: witness.byteLength / ELEMENT_BYTES }, (_, wire) =>
    readElement(witness, wire * ELEMENT_BYTES),
  );
}

function wholeInputs(trace: ChunkTrace): Record<string, never> {
  const { oldRoot, newRoot, commitment, challenge, yLow, yHigh, sumV, domain } = chunkPublicInputs(trace, CHALLENGE);
  const { slot, root, context, weights, fold } = chunkTileInputs(trace, CHALLENGE);
  const listed = (names: readonly string[], tiles: readonly CircuitInputs[]) =>
    Object.fromEntries(names.map((name) => [name, tiles.map((tile) => tile[name]!)]));
  return {
    ...{ oldRoot, newRoot, commitment, challenge, yLow, yHigh, sumV, domain },
    ...context![0],
    ...root![0],
    ...weights![0],
    ...listed(['reduced', 'quotient'], fold!),
    ...listed(SLOT_PRIVATE_INPUTS, slot!),
  } as unknown as Record<string, never>;
}

/** Signals that are wires of their own in both systems, by their names. */
async function pairSignals(
  { tiled, tiles }: ChunkArtifacts,
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
