import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIELD_MODULUS, RollupError } from '@quittance/protocol';
import { SnarkjsBackend } from '../../../prover/backends/snarkjs.ts';
import { ELEMENT_BYTES, power, readElement, writeElement } from '../../../prover/formats/field.ts';
import { ensureDevelopmentKey } from '../../../prover/keys/development-key.ts';
import type { KeyArtifact, KeySubject } from '../../../prover/keys/key.ts';
import { decodeVerifyingKey } from '../../../prover/keys/verifying-key.ts';
import { lagrangeAt, rootOfUnity } from '../../../prover/setup/lagrange.ts';
import { portableKeyMaker } from '../../../prover/setup/portable.ts';
import { developmentScalars } from '../../../prover/setup/scalars.ts';
import { type TiledSystem, writeLayout } from '../../../prover/tiling/layout.ts';
import { verifyProof } from '../../../prover/verify.ts';
import type { WitnessGenerator } from '../../../prover/witness/types.ts';
import { type Logger, silentLogger } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { interrupt } from '../fixtures/interrupt.ts';
import { toyChain, toyGenerator, toyInputs, toyValues } from '../fixtures/toy.ts';

describe('prover/setup: the development setup', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const xs = [9n, 8n, 7n];
  const publicInputs = [toyValues(5n, xs).digest, 5n];
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  let tiled: TiledSystem;
  let subject: KeySubject;
  let key: KeyArtifact;
  let generator: WitnessGenerator;
  const backend = new SnarkjsBackend();

  before(async () => {
    tiled = await toyChain(3);
    generator = await toyGenerator();
    const layoutPath = join(folder(), 'layout.json');
    await writeLayout(layoutPath, tiled.layout);
    subject = { name: 'toy', tiled, layoutPath, inputsHash: 'toy-chain-3' };
    key = await ensureDevelopmentKey(subject, portableKeyMaker, { buildDirectory: folder(), logger });
  });
  after(async () => {
    await generator.close();
    await backend.close();
  });

  it('derives its secrets from the seed as sha256 says', async () => {
    const { createHash } = await import('node:crypto');
    const digest = createHash('sha256').update('rollup insecure development keyseedtau').digest('hex');
    assert.equal(developmentScalars('seed').tau, BigInt(`0x${digest}`) % FIELD_MODULUS);
    assert.notDeepEqual(developmentScalars('seed'), developmentScalars('other'));
  });

  it('evaluates Lagrange polynomials that sum to 1 and interpolate', () => {
    const tau = 123_456_789n;
    const { domain, oddCoset } = lagrangeAt(tau, 3);
    assert.equal(domain.reduce((sum, value) => sum + value) % FIELD_MODULUS, 1n);
    const root = rootOfUnity(3);
    const interpolated = domain.reduce((sum, value, index) => sum + value * power(root, BigInt(5 * index)), 0n);
    assert.equal(interpolated % FIELD_MODULUS, power(tau, 5n));
    assert.equal(oddCoset.length, 8);
  });

  it('makes a key that snarkjs proves from, and the proof verifies for these public inputs only', async () => {
    const witness = await generator.generate(tiled, toyInputs(5n, xs));
    const job = { layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath, witness };
    const { proof, peakBytes } = await backend.prove(job);
    const verifyingKey = decodeVerifyingKey(key.verifyingKey);
    await verifyProof(verifyingKey, publicInputs, proof);
    assert.ok(peakBytes! > 1 << 20);
    const error = await assertRejects(verifyProof(verifyingKey, [publicInputs[0]!, 6n], proof), 'PROOF_INVALID');
    assert.equal(error.data['reason'], 'pairing');
  });

  it('gives no valid proof for a witness that breaks a constraint', async () => {
    const witness = await generator.generate(tiled, toyInputs(5n, xs));
    const wire = tiled.layout.wireCount - 1;
    writeElement(witness, wire * ELEMENT_BYTES, readElement(witness, wire * ELEMENT_BYTES) + 1n);
    const job = { layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath, witness };
    const { proof } = await backend.prove(job);
    await assertRejects(verifyProof(decodeVerifyingKey(key.verifyingKey), publicInputs, proof), 'PROOF_INVALID');
  });

  it('says INSECURE in the file name, the manifest, the verifying key and the log', async () => {
    assert.match(key.provingKeyPath, /INSECURE/);
    const manifest = JSON.parse(await readFile(join(key.directory, 'manifest.json'), 'utf8'));
    assert.equal(manifest.details.INSECURE, true);
    assert.equal(key.verifyingKey.development, true);
    assert.ok(warnings.some((line) => line.startsWith('INSECURE development key')));
  });

  it('gives another key for another seed and the same for the same', async () => {
    const options = { buildDirectory: folder() };
    const same = await ensureDevelopmentKey(subject, portableKeyMaker, options);
    const other = await ensureDevelopmentKey({ ...subject, seed: 'other' }, portableKeyMaker, options);
    assert.equal(same.directory, key.directory);
    assert.notEqual(other.directory, key.directory);
    assert.notDeepEqual(other.verifyingKey.IC, key.verifyingKey.IC);
    assert.deepEqual(other.verifyingKey.vk_gamma_2 === key.verifyingKey.vk_gamma_2, false);
  });

  it('reports progress up to the number of points and stops on abort', async () => {
    const stages = new Map<string, number>();
    const onProgress = ({ stage, done, total }: { stage: string; done: number; total: number }): void =>
      void stages.set(stage, done / total);
    const options = { buildDirectory: folder(), onProgress };
    await ensureDevelopmentKey({ ...subject, seed: 'progress' }, portableKeyMaker, options);
    assert.equal(stages.get('setup'), 1);
    const controller = new AbortController();
    const aborting = { ...options, signal: controller.signal, onProgress: () => controller.abort() };
    await assertRejects(ensureDevelopmentKey({ ...subject, seed: 'abort' }, portableKeyMaker, aborting), 'CANCELLED');
  });

  it('proves in a child process that ends when the caller aborts', async () => {
    const witness = await generator.generate(tiled, toyInputs(5n, xs));
    const job = { layoutPath: subject.layoutPath, provingKeyPath: key.provingKeyPath, witness };
    const controller = new AbortController();
    const onProgress = (): void => void setImmediate(() => controller.abort());
    await assertRejects(backend.prove(job, { signal: controller.signal, onProgress }), 'CANCELLED');
    await assertRejects(backend.prove(job, { signal: controller.signal }), 'CANCELLED');
  });

  it('says CANCELLED when the child process is interrupted from the terminal', async () => {
    // A key that never comes: the child is there, reading, when the signal arrives.
    execFileSync('mkfifo', [join(folder(), 'pipe')]);
    assert.match(await interrupt('prove', folder()), /^CANCELLED proving was interrupted by SIGINT$/);
  });

  it('reports a proving key that is damaged or absent as no proof, with the reason', async () => {
    const witness = await generator.generate(tiled, toyInputs(5n, xs));
    const job = { layoutPath: subject.layoutPath, provingKeyPath: join(folder(), 'absent.zkey'), witness };
    const error = await assertRejects(backend.prove(job), 'PROVING_FAILED');
    assert.ok(error instanceof RollupError);
    assert.match(error.message, /absent\.zkey/);
  });
});
