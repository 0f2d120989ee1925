import assert from 'node:assert/strict';
import { readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { chunkPublicInputs, publicInputsOf } from '@quittance/protocol';
import { sha256File } from '../../../prover/artifacts/hash.ts';
import { NativeBackend } from '../../../prover/backends/native.ts';
import { SnarkjsBackend } from '../../../prover/backends/snarkjs.ts';
import { ELEMENT_BYTES, readElement, writeElement } from '../../../prover/formats/field.ts';
import { createProver, type Prover } from '../../../prover/index.ts';
import { ensureDevelopmentKey } from '../../../prover/keys/development-key.ts';
import type { KeySubject } from '../../../prover/keys/key.ts';
import { decodeVerifyingKey } from '../../../prover/keys/verifying-key.ts';
import { nativeKeyMaker, nativeZkeyMaker } from '../../../prover/setup/native.ts';
import { portableKeyMaker } from '../../../prover/setup/portable.ts';
import { type TiledSystem, writeLayout } from '../../../prover/tiling/layout.ts';
import { verifyProof } from '../../../prover/verify.ts';
import type { WitnessGenerator } from '../../../prover/witness/types.ts';
import { type Logger, silentLogger } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { describeNative } from '../../support/native.ts';
import { CHALLENGE, forgeSignature, SLOTS, smallChunk, tamperedTraces } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { toyChain, toyGenerator, toyInputs, toyValues } from '../fixtures/toy.ts';

describeNative('prover: the native backend', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const xs = [1n, 200n, 30n, 4n];
  const publicInputs = [toyValues(6n, xs).digest, 6n];
  let tiled: TiledSystem;
  let subject: KeySubject;
  let generator: WitnessGenerator;
  let witness: Uint8Array;

  before(async () => {
    tiled = await toyChain(4);
    generator = await toyGenerator();
    const layoutPath = join(folder(), 'layout.json');
    await writeLayout(layoutPath, tiled.layout);
    subject = { name: 'toy', tiled, layoutPath, inputsHash: 'toy-chain-4' };
    witness = await generator.generate(tiled, toyInputs(6n, xs));
  });
  after(() => generator?.close());

  it('makes the same verifying key as the portable setup from the same seed', async () => {
    const portable = await ensureDevelopmentKey(subject, portableKeyMaker, {
      buildDirectory: join(folder(), 'portable'),
    });
    const native = await ensureDevelopmentKey(subject, nativeKeyMaker, { buildDirectory: folder() });
    assert.deepEqual(decodeVerifyingKey(native.verifyingKey), decodeVerifyingKey(portable.verifyingKey));
    assert.equal(native.verifyingKey.development, true);
    assert.match(native.provingKeyPath, /INSECURE/);
  });

  it('proves from its key; the proof passes the strict verifier for these public inputs', async () => {
    const key = await ensureDevelopmentKey(subject, nativeKeyMaker, { buildDirectory: folder() });
    const backend = new NativeBackend();
    const job = { layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath, witness };
    const { proof } = await backend.prove(job);
    await backend.close();
    await verifyProof(decodeVerifyingKey(key.verifyingKey), publicInputs, proof);
  });

  it('makes the .zkey that snarkjs proves from', async () => {
    const key = await ensureDevelopmentKey(subject, nativeZkeyMaker, { buildDirectory: folder() });
    const backend = new SnarkjsBackend();
    const { proof } = await backend.prove({
      layoutPath: subject.layoutPath,
      provingKeyPath: key.provingKeyPath,
      witness,
    });
    await verifyProof(decodeVerifyingKey(key.verifyingKey), publicInputs, proof);
  });

  it('rejects a witness that breaks a constraint and names where', async () => {
    const key = await ensureDevelopmentKey(subject, nativeKeyMaker, { buildDirectory: folder() });
    const changed = new Uint8Array(witness);
    const wire = tiled.layout.tiles[0]!.instances[2]!.internalBase;
    writeElement(changed, wire * ELEMENT_BYTES, readElement(witness, wire * ELEMENT_BYTES) + 1n);
    const backend = new NativeBackend();
    const job = { layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath, witness: changed };
    const error = await assertRejects(backend.prove(job), 'WITNESS_REJECTED');
    assert.match(error.message, /toy-step/);
  });

  it('refuses a key file that is cut or of something else', async () => {
    const buildDirectory = join(folder(), 'cut');
    const key = await ensureDevelopmentKey(subject, nativeKeyMaker, { buildDirectory });
    await truncate(key.provingKeyPath, 1000);
    const backend = new NativeBackend();
    await assertRejects(backend.open({ ...subject, provingKeyPath: key.provingKeyPath }), 'ARTIFACT_DAMAGED');
    await writeFile(key.provingKeyPath, 'not a key');
    await assertRejects(backend.open({ ...subject, provingKeyPath: key.provingKeyPath }), 'ARTIFACT_DAMAGED');
  });

  it('reads a key anew that was touched while it was open, and refuses one that was cut until it is whole again', async () => {
    const key = await ensureDevelopmentKey(subject, nativeKeyMaker, { buildDirectory: join(folder(), 'held') });
    const original = await readFile(key.provingKeyPath);
    const job = { layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath, witness };
    const backend = new NativeBackend();
    const { proof } = await backend.prove(job);
    await utimes(key.provingKeyPath, 1, 1);
    assert.deepEqual((await backend.prove(job)).proof, proof);
    await truncate(key.provingKeyPath, 4096);
    await assertRejects(backend.prove(job), 'ARTIFACT_DAMAGED');
    await assertRejects(backend.prove(job), 'ARTIFACT_DAMAGED');
    await writeFile(key.provingKeyPath, original);
    assert.deepEqual((await backend.prove(job)).proof, proof);
  });

  it('makes a key again that is intact but that the backend cannot read', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    const options = {
      profile: { name: 'test', slotsPerChunk: 2 },
      backend: 'native',
      buildDirectory: folder(),
      witnessThreads: 1,
      logger,
    } as const;
    const first = createProver(options);
    await first.prepare();
    const { provingKeyPath } = first.files;
    const key = first.verifyingKey;
    await first.close();
    await writeFile(provingKeyPath, 'the format of another version');
    const manifestPath = join(dirname(provingKeyPath), 'manifest.json');
    const manifest = JSON.parse(await readFile(manifestPath, 'utf8'));
    manifest.files[basename(provingKeyPath)] = await sha256File(provingKeyPath);
    await writeFile(manifestPath, JSON.stringify(manifest));
    const second = createProver(options);
    await second.prepare();
    assert.deepEqual(second.verifyingKey, key);
    assert.equal(warnings.filter((line) => line.endsWith('making the key again')).length, 1);
    await second.close();
  });

  describe('on a chunk', () => {
    const trace = smallChunk();
    let prover: Prover;

    before(async () => {
      prover = createProver({ profile: { name: 'test', slotsPerChunk: SLOTS }, backend: 'native' });
      await prover.prepare();
    });
    after(() => prover?.close());

    it('proves, and the proof verifies for the public inputs of packages/protocol/', async () => {
      const { proof, publicInputs, timings } = await prover.proveChunk(trace, CHALLENGE);
      assert.deepEqual(publicInputs, chunkPublicInputs(trace, CHALLENGE));
      await verifyProof(prover.verifyingKey, publicInputsOf(publicInputs), proof);
      assert.ok(timings['witness']! > 0 && timings['prove']! > 0);
    });

    it('makes the witness that circom’s calculators make, bit for bit', async () => {
      const portable = createProver({ profile: { name: 'test', slotsPerChunk: SLOTS }, backend: 'snarkjs' });
      const expected = await portable.makeWitness(trace, CHALLENGE);
      await portable.close();
      assert.ok(Buffer.from(expected).equals(await prover.makeWitness(trace, CHALLENGE)));
    });

    it('names the slot, its record and the circuit’s reason when a signature is forged', async () => {
      for (const attempt of [
        () => prover.proveChunk(forgeSignature(trace), CHALLENGE),
        () => prover.makeWitness(forgeSignature(trace), CHALLENGE),
      ]) {
        const error = await assertRejects(attempt(), 'WITNESS_REJECTED');
        assert.deepEqual([error.data['slot'], error.data['kind']], [0, 1]);
        assert.match(error.message, /^slot 0 \(kind 1, from \d+, to \d+\).*Error in template/);
      }
    });

    it('refuses a trace whose roots, shards or commitment were changed', async () => {
      for (const changed of tamperedTraces(trace)) {
        await assertRejects(prover.proveChunk(changed, CHALLENGE), 'WITNESS_REJECTED');
      }
    });

    it('stops when the caller aborts', async () => {
      const controller = new AbortController();
      const onProgress = (): void => controller.abort();
      await assertRejects(prover.proveChunk(trace, CHALLENGE, { signal: controller.signal, onProgress }), 'CANCELLED');
    });
  });
});
