import assert from 'node:assert/strict';
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicInputsOf } from '@quittance/protocol';
import { groth16 } from 'snarkjs';
import { NativeBackend } from '../../../prover/backends/native.ts';
import { createProver, encodeProof } from '../../../prover/index.ts';
import { ensureImportedKey, readCeremonyKey } from '../../../prover/keys/ceremony-key.ts';
import type { KeySubject } from '../../../prover/keys/key.ts';
import { decodeVerifyingKey } from '../../../prover/keys/verifying-key.ts';
import { nativeImportNeeds } from '../../../prover/resources.ts';
import {
  applyBeacon,
  closeSnarkjs,
  contribute,
  startCeremony,
  verifyCeremony,
} from '../../../prover/setup/ceremony.ts';
import { nativeKeyImporter } from '../../../prover/setup/native.ts';
import { type TiledSystem, writeLayout } from '../../../prover/tiling/layout.ts';
import { verifyProof } from '../../../prover/verify.ts';
import { type Logger, silentLogger } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { describeNative } from '../../support/native.ts';
import { CHALLENGE, SLOTS, smallChunk } from '../fixtures/chunk.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { makePowersOfTau } from '../fixtures/powers-of-tau.ts';
import { toyChain, toyGenerator, toyInputs, toyValues } from '../fixtures/toy.ts';

/** 2 steps: 11·2 + 1 + 1 constraints fit 2^5. */
const POWER = 6;

describeNative('prover/keys: a ceremony’s key in the native format', function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder(), name);
  const xs = [1n, 2n];
  const publicInputs = [toyValues(3n, xs).digest, 3n];
  const imports: string[] = [];
  const warnings: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    info: (message) => void imports.push(message),
    warn: (message) => void warnings.push(message),
  };
  let tiled: TiledSystem;
  let subject: KeySubject;

  before(async () => {
    tiled = await toyChain(xs.length);
    await writeLayout(at('layout.json'), tiled.layout);
    subject = { name: 'toy', tiled, layoutPath: at('layout.json'), inputsHash: 'toy-chain-2' };
    await makePowersOfTau(POWER, at('tau.ptau'), at);
    const files = await startCeremony(tiled, at('tau.ptau'), folder());
    await contribute(files.zkeyPath, at('one.zkey'), 'one', 'entropy of a test, not secret');
    await applyBeacon(at('one.zkey'), at('final.zkey'), 'beacon', `${'00'.repeat(31)}07`);
    await verifyCeremony({ ...files, zkeyPath: at('final.zkey') }, at('tau.ptau'));
  });
  after(closeSnarkjs);

  const ensure = (zkeyPath: string) =>
    ensureImportedKey(subject, zkeyPath, nativeKeyImporter, { buildDirectory: folder(), logger });

  it('proves natively from phase 2 of snarkjs; snarkjs and our verifiers accept the proof', async () => {
    const key = await ensure(at('final.zkey'));
    assert.deepEqual(key.verifyingKey, await readCeremonyKey(at('final.zkey'), tiled));
    assert.equal(key.verifyingKey.development, undefined);
    const generator = await toyGenerator();
    const witness = await generator.generate(tiled, toyInputs(3n, xs));
    await generator.close();
    for (const blinding of [false, true]) {
      const backend = new NativeBackend(blinding);
      const { proof } = await backend.prove({ layoutPath: subject.layoutPath, ...key, witness });
      await backend.close();
      await verifyProof(decodeVerifyingKey(key.verifyingKey), publicInputs, proof);
      const inputs = publicInputs.map(String);
      assert.equal(await groth16.verify(key.verifyingKey, inputs, encodeProof(proof)), true);
      assert.equal(await groth16.verify(key.verifyingKey, [inputs[0]!, '4'], encodeProof(proof)), false);
    }
  });

  it('imports a key once, finds it again by its content, and takes no other for it', async () => {
    const first = await ensure(at('final.zkey'));
    const count = imports.length;
    await copyFile(at('final.zkey'), at('moved.zkey'));
    assert.equal((await ensure(at('moved.zkey'))).directory, first.directory);
    assert.equal(imports.length, count);
    await copyFile(at('one.zkey'), at('moved.zkey'));
    const other = await ensure(at('moved.zkey'));
    assert.notEqual(other.directory, first.directory);
    assert.notDeepEqual(other.verifyingKey.vk_delta_2, first.verifyingKey.vk_delta_2);
    assert.equal(imports.length, count + 1);
  });

  it('imports anew when the imported key was damaged', async () => {
    const key = await ensure(at('final.zkey'));
    const intact = await readFile(key.provingKeyPath);
    await truncate(key.provingKeyPath, 5000);
    await ensure(at('final.zkey'));
    assert.ok(warnings.some((line) => line.endsWith('rebuilding')));
    assert.ok((await readFile(key.provingKeyPath)).equals(intact));
  });

  it('refuses keys that nobody contributed to, of another circuit, cut or missing, and imports none of them', async () => {
    const count = imports.length;
    await assertRejects(ensure(at('chunk_0000.zkey')), 'INSECURE_KEY');
    await writeFile(at('cut.zkey'), (await readFile(at('final.zkey'))).subarray(0, 3000));
    await assertRejects(ensure(at('cut.zkey')), 'ARTIFACT_DAMAGED');
    await assertRejects(ensure(at('missing.zkey')), 'ARTIFACT_MISSING');
    const other: KeySubject = { ...subject, tiled: await toyChain(3) };
    await assertRejects(ensureImportedKey(other, at('final.zkey'), nativeKeyImporter), 'KEY_OF_ANOTHER_CIRCUIT');
    assert.equal(imports.length, count);
  });

  it('states what an import takes: less memory and as much disk as a setup', () => {
    const { memoryBytes, diskBytes } = nativeImportNeeds(tiled.layout);
    assert.ok(memoryBytes < 2 ** 30 && diskBytes > 0);
  });

  it('proves a chunk natively from an exported .zkey: with the same key file, under the same verifying key', async () => {
    const profile = { name: 'test', slotsPerChunk: SLOTS };
    const [exporter, development] = [
      createProver({ profile, backend: 'snarkjs' }),
      createProver({ profile, backend: 'native' }),
    ];
    await exporter.prepare();
    await development.prepare();
    const ceremonyZkeyPath = exporter.files.provingKeyPath;
    const prover = createProver({ profile, backend: 'native', ceremonyZkeyPath, logger });
    const { proof, publicInputs: inputs } = await prover.proveChunk(smallChunk(), CHALLENGE);
    const { verifyingKeyJson, files } = prover;
    await Promise.all([exporter, development, prover].map((each) => each.close()));
    assert.notEqual(files.provingKeyPath, development.files.provingKeyPath);
    const [imported, made] = await Promise.all([files, development.files].map((each) => readFile(each.provingKeyPath)));
    assert.ok(imported!.equals(made!));
    // The powers of tau below it are those of the public seed: no ceremony.
    assert.deepEqual(verifyingKeyJson, exporter.verifyingKeyJson);
    assert.equal(verifyingKeyJson.development, true);
    const signals = publicInputsOf(inputs).map(String);
    assert.equal(await groth16.verify(verifyingKeyJson, signals, encodeProof(proof)), true);
  });
});
