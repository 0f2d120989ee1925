import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type ChunkTrace, chunkPublicInputs, FIELD_MODULUS, publicInputsOf } from '@quittance/protocol';
import { ELEMENT_BYTES, readElement } from '../../../prover/formats/field.ts';
import { type ConstraintSystem, interfaceCount, readR1cs } from '../../../prover/formats/r1cs.ts';
import { readSymbols } from '../../../prover/formats/sym.ts';
import { writeWitness } from '../../../prover/formats/wtns.ts';
import { createProver, isProofValid, type Prover } from '../../../prover/index.ts';
import { chunkSlotInputs, contextInputs, rootInputs } from '../../../prover/inputs.ts';
import { findBrokenRow } from '../../../prover/tiling/check.ts';
import { chunkLayout } from '../../../prover/tiling/chunk.ts';
import { type ChunkArtifacts, prepareChunkArtifacts } from '../../../prover/tiling/chunk-artifacts.ts';
import { exportR1cs } from '../../../prover/tiling/export-r1cs.ts';
import { WitnessCalculator } from '../../../prover/witness/calculator.ts';
import { assertCode } from '../../support/assertions.ts';
import { createRandom, propertySeed } from '../../support/random.ts';
import { CHALLENGE, forgeSignature, SLOTS, smallChunk, tamperedTraces } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { assertRejects } from '../fixtures/rejects.ts';
import { RowIndex } from '../fixtures/rows.ts';
import { compileWholeChunk, SLOT_PRIVATE_INPUTS } from '../fixtures/whole-chunk.ts';

describe('prover: a chunk', function () {
  this.timeout(240_000);
  const folder = temporaryFolder();
  const trace = smallChunk();
  const publicInputs = publicInputsOf(chunkPublicInputs(trace, CHALLENGE));
  let prover: Prover;
  let artifacts: ChunkArtifacts;

  before(async () => {
    prover = createProver({ profile: { name: 'test', slotsPerChunk: SLOTS }, backend: 'snarkjs' });
    await prover.prepare();
    artifacts = await prepareChunkArtifacts(SLOTS);
  });
  after(() => prover.close());

  it('has the wires, rows and domain that docs/protocol.md gives it', () => {
    const { layout } = artifacts.tiled;
    const { slot, root, context } = artifacts.tiles;
    assert.equal(layout.publicCount, 8);
    assert.equal(
      layout.constraintCount,
      SLOTS * slot.system.constraintCount + 2 * root.system.constraintCount + context.system.constraintCount + 11,
    );
    assert.equal(layout.zeroWires.length, 11);
    assert.deepEqual(
      layout.tiles.map(({ name, instances }) => [name, instances.length]),
      [
        ['slot', SLOTS],
        ['root', 2],
        ['context', 1],
      ],
    );
  });

  it('refuses odd, negative and zero numbers of slots', () => {
    for (const count of [0, 1, 3, -2, 2.5, Number.NaN]) {
      assertCode(() => chunkLayout(count, artifacts.tiles), 'CHUNK_SIZE', String(count));
    }
  });

  it('gives a witness with the public inputs of packages/protocol/ in their order', async () => {
    const witness = await prover.makeWitness(trace, CHALLENGE);
    const actual = publicInputs.map((_, index) => readElement(witness, (index + 1) * ELEMENT_BYTES));
    assert.deepEqual(actual, publicInputs);
  });

  it('agrees with the whole chunk, compiled by circom at once, on honest and tampered assignments', async () => {
    const seed = propertySeed();
    const random = createRandom(seed);
    const whole = await compileWholeChunk(SLOTS);
    const wholeSystem = await readR1cs(whole.r1csPath);
    const calculator = await WitnessCalculator.create(
      await WebAssembly.compile(new Uint8Array(await readFile(whole.wasmPath))),
    );
    const wholeValues = elements(calculator.calculate(wholeInputs(trace)));
    await exportR1cs(artifacts.tiled, join(folder(), 'tiled.r1cs'));
    const tiledSystem = await readR1cs(join(folder(), 'tiled.r1cs'));
    const tiledValues = elements(await prover.makeWitness(trace, CHALLENGE));

    assert.equal(findBrokenRow(wholeSystem, wholeValues), -1, 'the whole circuit accepts');
    assert.equal(findBrokenRow(tiledSystem, tiledValues), -1, 'the tiled system accepts');
    assert.equal(wholeSystem.outputCount + wholeSystem.publicInputCount, 8);
    assert.deepEqual(wholeValues.slice(1, 9), tiledValues.slice(1, 9), 'public inputs');

    const pairs = await pairSignals(artifacts, await readSymbols(whole.symPath), wholeSystem);
    assert.ok(pairs.length > 10_000, `${pairs.length} signals are wires in both`);
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

  it('is refused with any interface wire changed', async () => {
    const random = createRandom(propertySeed());
    await exportR1cs(artifacts.tiled, join(folder(), 'tiled.r1cs'));
    const system = await readR1cs(join(folder(), 'tiled.r1cs'));
    const rows = new RowIndex(system);
    const values = elements(await prover.makeWitness(trace, CHALLENGE));
    const shared = new Set(
      artifacts.tiled.layout.tiles.flatMap(({ instances }) => instances.flatMap((i) => i.interface)),
    );
    shared.delete(0);
    for (const wire of shared) {
      assert.equal(rows.accepts(values, wire, values[wire]!), true);
      assert.equal(rows.accepts(values, wire, random.fieldElement()), false, `wire ${wire}`);
    }
  });

  it('proves with snarkjs; the proof verifies for its public inputs and no others', async () => {
    const stages = new Set<string>();
    const { proof, timings } = await prover.proveChunk(trace, CHALLENGE, {
      onProgress: ({ stage }) => void stages.add(stage),
    });
    assert.deepEqual([...stages], ['witness', 'prove']);
    assert.ok(timings['witness']! > 0 && timings['prove']! > 0 && timings['verify']! > 0);
    assert.equal(await isProofValid(prover.verifyingKey, publicInputs, proof), true);
    for (const index of publicInputs.keys()) {
      const changed = publicInputs.map((input, position) => (position === index ? input + 1n : input));
      assert.equal(await isProofValid(prover.verifyingKey, changed, proof), false, `public input ${index}`);
    }
    assert.equal(prover.verifyingKeyJson.development, true);
  });

  it('exports .zkey, .wtns and .r1cs from which the snarkjs command line checks, proves and verifies', async () => {
    const at = (name: string): string => join(folder(), name);
    await writeWitness(at('chunk.wtns'), await prover.makeWitness(trace, CHALLENGE));
    await exportR1cs(artifacts.tiled, at('chunk.r1cs'));
    await writeFile(at('key.json'), JSON.stringify(prover.verifyingKeyJson));
    const program = fileURLToPath(new URL('../../../node_modules/snarkjs/cli.js', import.meta.url));
    const snarkjs = async (...parameters: string[]): Promise<string> =>
      (await promisify(execFile)(process.execPath, [program, ...parameters])).stdout;
    assert.match(await snarkjs('wtns', 'check', at('chunk.r1cs'), at('chunk.wtns')), /WITNESS IS CORRECT/);
    const { provingKeyPath } = prover.files;
    await snarkjs('groth16', 'prove', provingKeyPath, at('chunk.wtns'), at('proof.json'), at('public.json'));
    assert.match(await snarkjs('groth16', 'verify', at('key.json'), at('public.json'), at('proof.json')), /OK!/);
    assert.deepEqual(JSON.parse(await readFile(at('public.json'), 'utf8')).map(BigInt), publicInputs);
  });

  it('refuses a chunk of another size', async () => {
    const error = await assertRejects(
      prover.proveChunk({ ...trace, slots: trace.slots.slice(1) }, CHALLENGE),
      'CHUNK_SIZE',
    );
    assert.deepEqual([error.data['expected'], error.data['actual']], [2, 1]);
  });

  it('names the slot and its record when a signature is forged', async () => {
    const error = await assertRejects(prover.proveChunk(forgeSignature(trace), CHALLENGE), 'WITNESS_REJECTED');
    assert.deepEqual(
      [error.data['slot'], error.data['kind'], error.data['from']],
      [0, 1, trace.slots[0]!.operation.fields.from],
    );
    assert.match(error.message, /^slot 0 \(kind 1, from \d+, to \d+\)/);
  });

  it('refuses a trace whose roots, shards or commitment were changed', async () => {
    for (const changed of tamperedTraces(trace)) {
      await assertRejects(prover.proveChunk(changed, CHALLENGE), 'WITNESS_REJECTED');
    }
  });

  it('keeps a bounded queue and cancels what waits when it is closed', async () => {
    const profile = { name: 'test', slotsPerChunk: SLOTS };
    const small = createProver({ profile, backend: 'snarkjs', maxPendingChunks: 2, witnessThreads: 1 });
    const results = [1n, 2n, 3n].map((challenge) => small.proveChunk(trace, challenge));
    const codes = Promise.all(results.map((result) => result.catch((error) => error.code)));
    await small.close();
    assert.deepEqual(await codes, ['CANCELLED', 'CANCELLED', 'QUEUE_FULL']);
  });

  it('refuses to say its verifying key before it is prepared', () => {
    const fresh = createProver({ profile: { name: 'test', slotsPerChunk: SLOTS }, backend: 'snarkjs' });
    assertCode(() => fresh.verifyingKey, 'ARTIFACT_MISSING');
  });
});

function elements(witness: Uint8Array): bigint[] {
  return Array.from({ length: witness.byteLength / ELEMENT_BYTES }, (_, wire) =>
    readElement(witness, wire * ELEMENT_BYTES),
  );
}

function wholeInputs(trace: ChunkTrace): Record<string, never> {
  const { oldRoot, newRoot, commitment, challenge, sumA, sumB, domain } = chunkPublicInputs(trace, CHALLENGE);
  const slots = chunkSlotInputs(trace, CHALLENGE);
  const privates = SLOT_PRIVATE_INPUTS.map((name) => [name, slots.map((slot) => slot[name]!)]);
  return {
    ...{ oldRoot, newRoot, commitment, challenge, sumA, sumB, domain },
    ...contextInputs(trace),
    ...rootInputs(trace).first,
    ...Object.fromEntries(privates),
  } as Record<string, never>;
}

/** Signals that are wires of their own in both systems, by their names. */
async function pairSignals(
  { tiled, tiles }: ChunkArtifacts,
  wholeNames: ReadonlyMap<string, number>,
  whole: ConstraintSystem,
): Promise<{ name: string; wholeWire: number; tiledWire: number }[]> {
  const prefixes = [['slots[0]', 'slots[1]'], ['oldTile', 'newTile'], ['contextTile']];
  const found = new Map<number, { name: string; wholeWire: number; tiledWire: number }>();
  const taken = new Set<number>();
  for (const [tileIndex, tile] of [tiles.slot, tiles.root, tiles.context].entries()) {
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
