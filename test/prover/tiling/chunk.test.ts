import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chunkPublicInputs, operationsOf, publicInputsOf, SLOT_TRACE_BYTES } from '@quittance/protocol';
import { ELEMENT_BYTES, readElement } from '../../../prover/formats/field.ts';
import { readR1cs } from '../../../prover/formats/r1cs.ts';
import { writeWitness } from '../../../prover/formats/wtns.ts';
import { createProver, isProofValid, type Prover } from '../../../prover/index.ts';
import { chunkLayout } from '../../../prover/tiling/chunk.ts';
import { type ChunkArtifacts, prepareChunkArtifacts } from '../../../prover/tiling/chunk-artifacts.ts';
import { exportR1cs } from '../../../prover/tiling/export-r1cs.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';
import { CHALLENGE, forgeSignature, SLOTS, smallChunk, tamperedTraces } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { RowIndex } from '../fixtures/rows.ts';

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
    const { slot, root, context, weights, fold } = artifacts.tiles;
    assert.equal(layout.publicCount, 9);
    const instances = [...new Array(SLOTS).fill(slot), root, root, context, weights, fold];
    assert.equal(
      layout.constraintCount,
      instances.reduce((sum, { system }) => sum + system.constraintCount, 13),
    );
    assert.equal(layout.zeroWires.length, 13);
    assert.deepEqual(
      layout.tiles.map(({ name, instances }) => [name, instances.length]),
      [
        ['slot', SLOTS],
        ['root', 2],
        ['context', 1],
        ['weights', 1],
        ['fold', 1],
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
      prover.proveChunk({ ...trace, bytes: trace.bytes.slice(0, -SLOT_TRACE_BYTES) }, CHALLENGE),
      'CHUNK_SIZE',
    );
    assert.deepEqual([error.data['expected'], error.data['actual']], [2, 1]);
    await assertRejects(prover.proveChunk({ ...trace, bytes: trace.bytes.slice(1) }, CHALLENGE), 'WRONG_LENGTH');
  });

  it('refuses a challenge of more than 128 bits', async () => {
    await assertRejects(prover.proveChunk(trace, 2n ** 128n), 'OUT_OF_RANGE');
    await assertRejects(prover.makeWitness(trace, -1n), 'OUT_OF_RANGE');
  });

  it('names the slot and its record when a signature is forged', async () => {
    const error = await assertRejects(prover.proveChunk(forgeSignature(trace), CHALLENGE), 'WITNESS_REJECTED');
    assert.deepEqual(
      [error.data['slot'], error.data['kind'], error.data['from']],
      [0, 1, operationsOf(trace)[0]!.fields.from],
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
