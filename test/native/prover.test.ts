import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FIELD_MODULUS, type Groth16Proof, isRollupError } from '@quittance/protocol';
import {
  checkWitness,
  exportZkey,
  type NativeProgress,
  type NativeProof,
  type NativeProver,
  openProver,
  prove,
  setupDevelopment,
  verify,
} from '../../native/index.ts';
import { SnarkjsBackend } from '../../prover/backends/snarkjs.ts';
import { decodeVerifyingKey, type VerifyingKeyJson, verifyProof } from '../../prover/index.ts';
import { ensureDevelopmentKey } from '../../prover/keys/development-key.ts';
import { portableKeyMaker } from '../../prover/setup/portable.ts';
import { type Layout, type TiledSystem, writeLayout } from '../../prover/tiling/layout.ts';
import type { WitnessGenerator } from '../../prover/witness/types.ts';
import { temporaryFolder } from '../prover/fixtures/folder.ts';
import { toyChain, toyGenerator, toyInputs, toyValues } from '../prover/fixtures/toy.ts';
import { assertRejects } from '../support/assertions.ts';
import { littleEndian } from '../support/crypto/little-endian.ts';
import { describeNative } from '../support/native.ts';

const SEED = 'native test';
const KEY_HEADER_BYTES = 4096;
const DIGEST_AT = 256;
const HASH_BLOCK = 1 << 22;

const sha256 = (...pieces: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(pieces)).digest();

/** Writes the digest that goes with the rest of a key file (native/core/src/groth16/key.rs) into it. */
function seal(key: Buffer): Buffer {
  const header = Buffer.from(key.subarray(0, KEY_HEADER_BYTES)).fill(0, DIGEST_AT, DIGEST_AT + 32);
  const blocks: Buffer[] = [];
  for (let at = KEY_HEADER_BYTES; at < key.length; at += HASH_BLOCK)
    blocks.push(sha256(key.subarray(at, at + HASH_BLOCK)));
  sha256(header, ...blocks).copy(key, DIGEST_AT);
  return key;
}

/** Moves the private wires of the first instance. */
function withBase(layout: Layout, internalBase: number): Layout {
  const [tile, ...others] = layout.tiles;
  const [first, ...instances] = tile!.instances;
  return { ...layout, tiles: [{ ...tile!, instances: [{ ...first!, internalBase }, ...instances] }, ...others] };
}

/** The code that a promise rejects with, or `none`. */
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: unknown) => (isRollupError(error) ? error.code : String(error)),
  );

describeNative('native prover', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const xs = Array.from({ length: 11 }, (_, index) => BigInt(17 * index + 1));
  const publicInputs = [toyValues(5n, xs).digest, 5n];
  let tiled: TiledSystem;
  let generator: WitnessGenerator | undefined;
  let witness: Uint8Array;
  let prover: NativeProver;
  let proven: NativeProof;
  let verifyingKey: VerifyingKeyJson;
  const path = (name: string) => join(folder(), name);
  const paths = () => ({ layoutPath: path('layout.json'), provingKeyPath: path('chunk.key') });

  before(async () => {
    tiled = await toyChain(xs.length);
    generator = await toyGenerator();
    witness = await generator.generate(tiled, toyInputs(5n, xs));
    await writeLayout(path('layout.json'), tiled.layout);
    await setupDevelopment({ ...paths(), seed: SEED, verifyingKeyPath: path('vk.json') });
    verifyingKey = JSON.parse(await readFile(path('vk.json'), 'utf8')) as VerifyingKeyJson;
    prover = await openProver(paths());
    proven = await prover.prove({ witness });
  });
  after(() => generator?.close());

  const withWire = (wire: number, value: bigint): Uint8Array => {
    const changed = witness.slice();
    changed.set(littleEndian([value]), wire * 32);
    return changed;
  };

  it('makes the same verifying key as the portable setup', async () => {
    const subject = { name: 'toy', tiled, layoutPath: path('layout.json'), inputsHash: 'native-toy', seed: SEED };
    const portable = await ensureDevelopmentKey(subject, portableKeyMaker, { buildDirectory: folder() });
    assert.deepEqual(decodeVerifyingKey(verifyingKey), decodeVerifyingKey(portable.verifyingKey));
    assert.equal(verifyingKey.development, true);
    assert.deepEqual(JSON.parse(prover.verifyingKey), verifyingKey);
  });

  it('makes proofs that snarkjs and the native verifier accept for these public inputs only', async () => {
    assert.deepEqual(proven.publicInputs, publicInputs);
    await verifyProof(decodeVerifyingKey(verifyingKey), publicInputs, proven.proof);
    const key = JSON.stringify(verifyingKey);
    assert.equal(verify(key, publicInputs, proven.proof), true);
    assert.equal(verify(key, [publicInputs[0]!, 6n], proven.proof), false);
    assert.equal(verify(key, publicInputs.slice(0, 1), proven.proof), false);
    assert.equal(verify(key, [...publicInputs, 0n], proven.proof), false);
  });

  it('makes the same proof each time unless it is blinded', async () => {
    const again = await prove({ ...paths(), witness });
    assert.deepEqual(again.proof, proven.proof);
    const blinded = await prover.prove({ witness, blinding: true });
    assert.notDeepEqual(blinded.proof, proven.proof);
    await verifyProof(decodeVerifyingKey(verifyingKey), publicInputs, blinded.proof);
  });

  it('exports a .zkey that snarkjs proves from, and its proof holds under the native key', async () => {
    await exportZkey({ ...paths(), zkeyPath: path('chunk.zkey') });
    const backend = new SnarkjsBackend();
    const { proof } = await backend.prove({ ...paths(), provingKeyPath: path('chunk.zkey'), witness });
    await backend.close();
    assert.equal(verify(JSON.stringify(verifyingKey), publicInputs, proof), true);
  });

  it('gives the same proof with the AVX512 kernels switched off', async () => {
    const script = `
      import { prove } from ${JSON.stringify(new URL('../../native/index.ts', import.meta.url).href)};
      import { readFileSync } from 'node:fs';
      const [layoutPath, provingKeyPath, witness] = process.argv.slice(1);
      const { proof } = await prove({ layoutPath, provingKeyPath, witness: readFileSync(witness) });
      console.log(JSON.stringify(proof, (_, value) => typeof value === 'bigint' ? String(value) : value));`;
    await writeFile(path('witness.bin'), witness);
    const files = [paths().layoutPath, paths().provingKeyPath, path('witness.bin')];
    const environment = { ...process.env, QUITTANCE_DISABLE_IFMA: '1' };
    const options = { env: environment };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, ...files],
      options,
    );
    const text = JSON.stringify(proven.proof, (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    assert.equal(stdout.trim(), text);
  });

  it('rejects a witness in which any one wire is changed, and names the constraint', async () => {
    for (let wire = 0; wire < tiled.layout.wireCount; wire += 7) {
      await assertRejects(checkWitness({ ...paths(), witness: withWire(wire, 123456789n) }), 'WITNESS_REJECTED');
    }
    await checkWitness({ ...paths(), witness });
    const last = tiled.layout.tiles[0]!.instances[4]!.internalBase;
    const error = await assertRejects(prover.prove({ witness: withWire(last, 98765n) }), 'WITNESS_REJECTED');
    assert.equal(error.data['tile'], 'toy-step');
    assert.equal(error.data['instance'], 4);
    assert.equal(typeof error.data['row'], 'number');
  });

  it('rejects a witness with a value of r or more, a wrong length, or a zero wire that is not 0', async () => {
    await assertRejects(prover.prove({ witness: withWire(3, FIELD_MODULUS) }), 'OUT_OF_RANGE');
    await assertRejects(prover.prove({ witness: witness.subarray(1) }), 'WITNESS_REJECTED');
    await assertRejects(prover.prove({ witness: witness.subarray(32) }), 'WITNESS_REJECTED');
    await assertRejects(prover.prove({ witness: withWire(tiled.layout.zeroWires[0]!, 1n) }), 'WITNESS_REJECTED');
  });

  const changed = (change: (proof: Groth16Proof) => Groth16Proof) => change(proven.proof);
  const q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
  it('rejects proofs with coordinates of q or more, off the curve, or of another statement', async () => {
    const key = JSON.stringify(verifyingKey);
    const shifted = changed((proof) => ({ ...proof, a: [proof.a[0] + q, proof.a[1]] }));
    await assertRejects(
      Promise.resolve().then(() => verify(key, publicInputs, shifted)),
      'PROOF_INVALID',
    );
    const off = changed((proof) => ({ ...proof, c: [proof.c[0], proof.c[1] + 1n] }));
    await assertRejects(
      Promise.resolve().then(() => verify(key, publicInputs, off)),
      'PROOF_INVALID',
    );
    const swapped = changed((proof) => ({ ...proof, a: proof.c, c: proof.a }));
    assert.equal(verify(key, publicInputs, swapped), false);
    const inputs = [publicInputs[0]!, publicInputs[1]! + FIELD_MODULUS];
    await assertRejects(
      Promise.resolve().then(() => verify(key, inputs, proven.proof)),
      'OUT_OF_RANGE',
    );
  });

  it('refuses a verifying key whose gamma is its delta', async () => {
    const forged = JSON.stringify({ ...verifyingKey, vk_delta_2: verifyingKey.vk_gamma_2 });
    await assertRejects(
      Promise.resolve().then(() => verify(forged, publicInputs, proven.proof)),
      'INSECURE_KEY',
    );
  });

  it('names a key file that is missing, truncated, changed or of another circuit', async () => {
    const open = (name: string) => openProver({ ...paths(), provingKeyPath: path(name) });
    await assertRejects(open('nothing.key'), 'ARTIFACT_MISSING');
    const original = await readFile(path('chunk.key'));
    for (const offset of [0, 20, 50, 300, 4096, original.length >> 1, original.length - 1]) {
      const damaged = Buffer.from(original);
      damaged[offset]! ^= 1;
      await writeFile(path('damaged.key'), damaged);
      const error = await assertRejects(open('damaged.key'), 'ARTIFACT_DAMAGED');
      assert.match(error.message, /damaged\.key/);
    }
    await copyFile(path('chunk.key'), path('short.key'));
    await truncate(path('short.key'), original.length - 4096);
    await assertRejects(open('short.key'), 'ARTIFACT_DAMAGED');
    const other = await toyChain(2);
    await writeLayout(path('other.json'), other.layout);
    const mixed = openProver({ layoutPath: path('other.json'), provingKeyPath: path('chunk.key') });
    await assertRejects(mixed, 'KEY_OF_ANOTHER_CIRCUIT');
  });

  it('refuses a key with any byte of its header changed, although the digest matches', async () => {
    const original = await readFile(path('chunk.key'));
    const open = async (offset: number, bit: number): Promise<string> => {
      const forged = Buffer.from(original);
      forged[offset]! ^= 1 << bit;
      await writeFile(path('forged.key'), seal(forged));
      return codeOf(openProver({ ...paths(), provingKeyPath: path('forged.key') }));
    };
    assert.equal(await codeOf(openProver(paths())), 'none');
    for (let offset = 0; offset < KEY_HEADER_BYTES; offset++) {
      if (offset >= DIGEST_AT && offset < DIGEST_AT + 32) continue;
      const expected = offset >= 16 && offset < 48 ? 'KEY_OF_ANOTHER_CIRCUIT' : 'ARTIFACT_DAMAGED';
      const isInTable = offset >= 64 && offset < 64 + 11 * 16;
      for (const bit of isInTable ? [0, 1, 2, 3, 4, 5, 6, 7] : [offset % 8]) {
        assert.equal(await open(offset, bit), expected, `bit ${bit} of byte ${offset}`);
      }
    }
  });

  it('refuses a key whose verifying key has a point outside its group, although the digest matches', async () => {
    const original = await readFile(path('chunk.key'));
    // alpha, beta and delta in G1; beta, gamma and delta in G2; IC: a page each.
    for (const offset of [0, 64, 128, 4096, 4096 + 128, 4096 + 256, 8192, 8192 + 64].map((at) => 4096 + at)) {
      const forged = Buffer.from(original);
      for (const change of [() => (forged[offset]! ^= 1), () => forged.fill(0xff, offset, offset + 32)]) {
        change();
        await writeFile(path('forged.key'), seal(forged));
        const error = await assertRejects(
          openProver({ ...paths(), provingKeyPath: path('forged.key') }),
          'ARTIFACT_DAMAGED',
        );
        assert.match(error.message, /not in its group/);
      }
    }
    const forged = Buffer.from(original);
    forged.copy(forged, 4096 + 4096 + 256, 4096 + 4096 + 128, 4096 + 4096 + 256);
    await writeFile(path('forged.key'), seal(forged));
    await assertRejects(openProver({ ...paths(), provingKeyPath: path('forged.key') }), 'INSECURE_KEY');
  });

  it('refuses a key that is longer or shorter than its header says, although the digest matches', async () => {
    const original = await readFile(path('chunk.key'));
    for (const forged of [Buffer.concat([original, Buffer.alloc(4096)]), original.subarray(0, original.length - 1)]) {
      await writeFile(path('forged.key'), seal(Buffer.from(forged)));
      await assertRejects(openProver({ ...paths(), provingKeyPath: path('forged.key') }), 'ARTIFACT_DAMAGED');
    }
  });

  it('says ARTIFACT_DAMAGED, and lives on, when the key is cut while it is open, before or during a proof', async () => {
    const chain = await toyChain(500);
    const many = Array.from({ length: 500 }, (_, index) => BigInt(index % 256));
    await writeLayout(path('long.json'), chain.layout);
    const key = { layoutPath: path('long.json'), provingKeyPath: path('long.key') };
    await setupDevelopment({ ...key, seed: SEED, verifyingKeyPath: path('long.vk.json') });
    await writeFile(path('long.bin'), await generator!.generate(chain, toyInputs(5n, many)));
    const script = fileURLToPath(new URL('../prover/fixtures/cut-key.ts', import.meta.url));
    const files = [key.layoutPath, key.provingKeyPath, path('long.bin')];
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...files]);
    const outcomes = stdout.trim().split('\n');
    assert.equal(outcomes.length, 14);
    assert.equal(outcomes[0], 'ARTIFACT_DAMAGED');
    for (const outcome of outcomes) assert.ok(['ARTIFACT_DAMAGED', 'proven'].includes(outcome), outcome);
  });

  it('names a layout that is missing, no JSON, of another shape or with wires that do not exist', async () => {
    const check = (name: string) => checkWitness({ layoutPath: path(name), witness });
    await assertRejects(check('nothing.json'), 'ARTIFACT_MISSING');
    const text = await readFile(path('layout.json'), 'utf8');
    const layout = JSON.parse(text);
    const variants = [
      text.slice(0, 100),
      JSON.stringify({ ...layout, version: 2 }),
      JSON.stringify({ ...layout, constraintCount: layout.constraintCount + 1 }),
      JSON.stringify({ ...layout, wireCount: layout.wireCount - 1 }),
      JSON.stringify({ ...layout, zeroWires: [layout.wireCount] }),
      JSON.stringify({ ...layout, publicCount: layout.wireCount }),
      JSON.stringify(withBase(layout, layout.tiles[0].instances[1].internalBase)),
      JSON.stringify(withBase(layout, layout.publicCount)),
    ];
    for (const variant of variants) {
      await writeFile(path('broken.json'), variant);
      await assertRejects(check('broken.json'), 'ARTIFACT_DAMAGED');
    }
  });

  it('reports progress and ends with CANCELLED when its signal is aborted', async () => {
    const events: NativeProgress[] = [];
    const controller = new AbortController();
    controller.abort();
    await assertRejects(prover.prove({ witness, signal: controller.signal }), 'CANCELLED');
    const big = await toyChain(3000);
    await writeLayout(path('big.json'), big.layout);
    const late = new AbortController();
    const setup = setupDevelopment({
      layoutPath: path('big.json'),
      seed: SEED,
      provingKeyPath: path('big.key'),
      verifyingKeyPath: path('big.vk.json'),
      signal: late.signal,
      onProgress: (progress) => {
        events.push(progress);
        late.abort();
      },
    });
    await assertRejects(setup, 'CANCELLED');
    assert.ok(events.length > 0 && events[0]!.stage.length > 0);
    await assertRejects(openProver({ ...paths(), provingKeyPath: path('big.key') }), 'ARTIFACT_MISSING');
  });
});
