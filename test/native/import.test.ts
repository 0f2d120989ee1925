import assert from 'node:assert/strict';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorCode } from '@quittance/protocol';
import { buildBn128, type Curve } from 'ffjavascript';
import { exportZkey, importZkey, openProver, prove, setupDevelopment, verify } from '../../native/index.ts';
import { readSections } from '../../prover/formats/sections.ts';
import { decodeVerifyingKey, type TiledSystem, verifyProof } from '../../prover/index.ts';
import { writeLayout } from '../../prover/tiling/layout.ts';
import { temporaryFolder } from '../prover/fixtures/folder.ts';
import { toyChain, toyGenerator, toyInputs, toyValues } from '../prover/fixtures/toy.ts';
import { pointOutsideSubgroup } from '../prover/fixtures/twist.ts';
import { assertRejects } from '../support/assertions.ts';
import { describeNative } from '../support/native.ts';

const G1 = 64;
const G2 = 128;
/** Of the points in section 2. */
const POINTS = 84;
const BETA1 = POINTS + G1;
const BETA2 = POINTS + 2 * G1;
const GAMMA2 = BETA2 + G2;
const DELTA1 = GAMMA2 + G2;
const DELTA2 = DELTA1 + G1;
/** Bytes of a key file's header. */
const PAGE = 4096;

describeNative('native import of a .zkey', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const path = (name: string): string => join(folder(), name);
  const xs = [3n, 1n, 4n, 1n, 5n];
  const layoutPath = (): string => path('layout.json');
  let tiled: TiledSystem;
  let original: Buffer;
  let curve: Curve;

  before(async () => {
    curve = await buildBn128(true);
    tiled = await toyChain(xs.length);
    await writeLayout(layoutPath(), tiled.layout);
    const key = { layoutPath: layoutPath(), provingKeyPath: path('made.key') };
    await setupDevelopment({ ...key, seed: 'import', verifyingKeyPath: path('made.json') });
    await exportZkey({ ...key, zkeyPath: path('made.zkey') });
    original = await readFile(path('made.zkey'));
  });

  /** A section's bytes in place: writes to them change the file's. */
  const view = (zkey: Buffer, kind: number): Buffer => {
    const bytes = readSections(zkey, 'zkey', 1, 'test').get(kind)!;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const offsetOf = (zkey: Buffer, kind: number): number => view(zkey, kind).byteOffset - zkey.byteOffset;
  /** Changes the bytes in place, or returns others. */
  type Change = (zkey: Buffer) => unknown;

  /** Imports the original after a change. */
  const importChanged = async (change: Change): Promise<string> => {
    await rm(path('changed.key'), { force: true });
    const zkey = Buffer.from(original);
    const zkeyPath = path('changed.zkey');
    const changed = change(zkey);
    await writeFile(zkeyPath, Buffer.isBuffer(changed) ? changed : zkey);
    return importZkey({ layoutPath: layoutPath(), zkeyPath, provingKeyPath: path('changed.key') });
  };
  const refuses = async (code: ErrorCode, why: RegExp, change: Change): Promise<void> => {
    assert.match((await assertRejects(importChanged(change), code)).message, why);
    for (const name of ['changed.key', 'changed.partial', 'changed.journal']) {
      await assert.rejects(readFile(path(name)), { code: 'ENOENT' });
    }
  };

  it('gives back the key file that was exported, byte for byte', async () => {
    const verifyingKey = await importZkey({
      layoutPath: layoutPath(),
      zkeyPath: path('made.zkey'),
      provingKeyPath: path('again.key'),
    });
    assert.equal(verifyingKey, await readFile(path('made.json'), 'utf8'));
    assert.ok((await readFile(path('again.key'))).equals(await readFile(path('made.key'))));
    await exportZkey({ layoutPath: layoutPath(), provingKeyPath: path('again.key'), zkeyPath: path('again.zkey') });
    assert.ok((await readFile(path('again.zkey'))).equals(original));
  });

  it('takes the sections in any order', async () => {
    const shuffled = (zkey: Buffer): Buffer => {
      const parts = [2, 10, 9, 1, 8, 3, 7, 5, 4, 6].map((kind) => {
        const content = view(zkey, kind);
        const head = Buffer.alloc(12);
        head.writeUInt32LE(kind, 0);
        head.writeBigUInt64LE(BigInt(content.length), 4);
        return Buffer.concat([head, content]);
      });
      return Buffer.concat([zkey.subarray(0, 12), ...parts]);
    };
    await importChanged(shuffled);
    assert.ok((await readFile(path('changed.key'))).equals(await readFile(path('made.key'))));
    const generator = await toyGenerator();
    const witness = await generator.generate(tiled, toyInputs(9n, xs));
    await generator.close();
    const { proof, publicInputs } = await prove({
      layoutPath: layoutPath(),
      provingKeyPath: path('changed.key'),
      witness,
    });
    assert.deepEqual(publicInputs, [toyValues(9n, xs).digest, 9n]);
    const key = await readFile(path('made.json'), 'utf8');
    await verifyProof(decodeVerifyingKey(JSON.parse(key)), publicInputs, proof);
    assert.equal(verify(key, publicInputs, proof), true);
  });

  it('marks a key as one of development unless it has a circuit’s hash and a contribution', async () => {
    for (const [hash, contributions, isDevelopment] of [
      [0, 0, true],
      [1, 0, true],
      [0, 1, true],
      [1, 1, false],
    ] as const) {
      const text = await importChanged((zkey) => {
        view(zkey, 10)[63] = hash;
        view(zkey, 10).writeUInt32LE(contributions, 64);
      });
      assert.equal(JSON.parse(text).development, isDevelopment, `${hash} ${contributions}`);
      const prover = await openProver({ layoutPath: layoutPath(), provingKeyPath: path('changed.key') });
      assert.equal(prover.development, isDevelopment);
      // Beside the mark in the header, the warning and the digest, nothing differs.
      const [made, changed] = await Promise.all([readFile(path('made.key')), readFile(path('changed.key'))]);
      assert.ok(made.subarray(PAGE).equals(changed.subarray(PAGE)));
    }
  });

  it('refuses a file that is missing, cut anywhere, or no .zkey', async () => {
    const missing = { layoutPath: layoutPath(), zkeyPath: path('no.zkey'), provingKeyPath: path('changed.key') };
    await assertRejects(importZkey(missing), 'ARTIFACT_MISSING');
    for (const bytes of [0, 4, 11, 12, 20, 300, original.length >> 1, original.length - 1]) {
      await refuses('ARTIFACT_DAMAGED', /damaged/, (zkey) => zkey.subarray(0, bytes));
    }
    await refuses('ARTIFACT_DAMAGED', /not a \.zkey/, (zkey) => flip(zkey, 0));
    await refuses('ARTIFACT_DAMAGED', /version 1/, (zkey) => zkey.writeUInt32LE(2, 4));
  });

  it('refuses a section that occurs twice, is missing or is of another proof system', async () => {
    const headOf = (zkey: Buffer, kind: number): number => offsetOf(zkey, kind) - 12;
    await refuses('ARTIFACT_DAMAGED', /twice/, (zkey) => zkey.writeUInt32LE(5, headOf(zkey, 6)));
    await refuses('ARTIFACT_DAMAGED', /no place/, (zkey) => zkey.writeUInt32LE(11, headOf(zkey, 6)));
    await refuses('ARTIFACT_DAMAGED', /section 10 is missing/, (zkey) => zkey.writeUInt32LE(9, 8));
    await refuses('ARTIFACT_DAMAGED', /proof system/, (zkey) => view(zkey, 1).writeUInt32LE(2));
    await refuses('ARTIFACT_DAMAGED', /another curve/, (zkey) => flip(view(zkey, 2), 4));
    await refuses('ARTIFACT_DAMAGED', /another curve/, (zkey) => flip(view(zkey, 2), 40));
  });

  it('refuses a key of another size, naming what differs', async () => {
    for (const [offset, name] of [
      [72, /wires/],
      [76, /public inputs/],
      [80, /domain/],
    ] as const) {
      await refuses('KEY_OF_ANOTHER_CIRCUIT', name, (zkey) => flip(view(zkey, 2), offset));
    }
    await writeLayout(path('other.json'), (await toyChain(xs.length + 1)).layout);
    const other = { layoutPath: path('other.json'), zkeyPath: path('made.zkey'), provingKeyPath: path('changed.key') };
    assert.match((await assertRejects(importZkey(other), 'KEY_OF_ANOTHER_CIRCUIT')).message, /another circuit/);
    const shorter = (zkey: Buffer): Buffer => {
      const { length } = view(zkey, 4);
      const end = offsetOf(zkey, 4) + length;
      zkey.writeBigUInt64LE(BigInt(length - 44), offsetOf(zkey, 4) - 8);
      return Buffer.concat([zkey.subarray(0, end - 44), zkey.subarray(end)]);
    };
    await refuses('KEY_OF_ANOTHER_CIRCUIT', /section 4/, shorter);
  });

  it('refuses a point that is not on its curve, not below the modulus or the identity, naming it', async () => {
    for (const offset of [POINTS, BETA1, BETA2, GAMMA2, DELTA1, DELTA2]) {
      await refuses('ARTIFACT_DAMAGED', /not on the curve/, (zkey) => flip(view(zkey, 2), offset));
    }
    await refuses('ARTIFACT_DAMAGED', /IC is the identity/, (zkey) => void view(zkey, 3).fill(0, G1, 2 * G1));
    for (const [kind, name, bytes] of SECTIONS) {
      const last = (points: Buffer): number => lastPoint(points, bytes);
      const where = new RegExp(`point \\d+ of ${name} is not on the curve`);
      await refuses('ARTIFACT_DAMAGED', where, (zkey) => flip(view(zkey, kind), last(view(zkey, kind))));
      const range = new RegExp(`of ${name} has a coordinate`);
      await refuses('ARTIFACT_DAMAGED', range, (zkey) => {
        const points = view(zkey, kind);
        points.fill(0xff, last(points), last(points) + 32);
      });
    }
    await refuses('ARTIFACT_DAMAGED', /of H is missing/, (zkey) => void view(zkey, 9).fill(0, 0, G1));
  });

  it('refuses a B2 whose points are at other wires than those of B1', async () => {
    await refuses('ARTIFACT_DAMAGED', /of B2 is missing/, (zkey) => {
      const points = view(zkey, 7);
      points.fill(0, lastPoint(points, G2), lastPoint(points, G2) + G2);
    });
    await refuses('ARTIFACT_DAMAGED', /of B2 has no counterpart in B1/, (zkey) => {
      const points = view(zkey, 6);
      points.fill(0, lastPoint(points, G1), lastPoint(points, G1) + G1);
    });
  });

  it('refuses points of the header that are not of one secret, and one outside the subgroup', async () => {
    await refuses('ARTIFACT_DAMAGED', /beta1 and beta2/, (zkey) => {
      const header = view(zkey, 2);
      header.copy(header, BETA1, POINTS, POINTS + G1);
    });
    await refuses('ARTIFACT_DAMAGED', /delta1 and delta2/, (zkey) => {
      const header = view(zkey, 2);
      header.copy(header, DELTA1, POINTS, POINTS + G1);
    });
    const [x, y] = await pointOutsideSubgroup();
    const outside = curve.G2.fromObject([[...x], [...y], [1n, 0n]]).slice(0, G2);
    for (const [offset, name] of [
      [BETA2, /beta2 is not in the subgroup/],
      [GAMMA2, /gamma2 is not in the subgroup/],
      [DELTA2, /delta2 is not in the subgroup/],
    ] as const) {
      await refuses('ARTIFACT_DAMAGED', name, (zkey) => view(zkey, 2).set(outside, offset));
    }
  });

  it('refuses a key whose gamma is its delta', async () => {
    await refuses('INSECURE_KEY', /nobody contributed/, (zkey) => {
      const header = view(zkey, 2);
      header.copy(header, DELTA2, GAMMA2, GAMMA2 + G2);
    });
  });

  it('leaves the key that is there when it fails or is cancelled, and what an earlier try left does no harm', async () => {
    const files = { layoutPath: layoutPath(), zkeyPath: path('made.zkey'), provingKeyPath: path('kept.key') };
    await writeFile(path('kept.key'), 'an older key');
    const controller = new AbortController();
    controller.abort();
    await assertRejects(importZkey({ ...files, signal: controller.signal }), 'CANCELLED');
    await writeFile(path('cut.zkey'), original.subarray(0, 1000));
    await assertRejects(importZkey({ ...files, zkeyPath: path('cut.zkey') }), 'ARTIFACT_DAMAGED');
    assert.equal(await readFile(path('kept.key'), 'utf8'), 'an older key');
    await copyFile(path('made.zkey'), path('kept.partial'));
    await writeFile(path('kept.journal'), 'x');
    await importZkey(files);
    assert.ok((await readFile(path('kept.key'))).equals(await readFile(path('made.key'))));
  });
});

/** Sections of points with the bytes of one. */
const SECTIONS = [
  [5, 'A', G1],
  [6, 'B1', G1],
  [7, 'B2', G2],
  [8, 'C', G1],
  [9, 'H', G1],
] as const;

/** Flips a bit. */
function flip(bytes: Buffer, offset: number): void {
  bytes[offset] = bytes[offset]! ^ 1;
}

/** Where the last point begins that is not the identity. */
function lastPoint(points: Buffer, bytes: number): number {
  for (let offset = points.length - bytes; offset >= 0; offset -= bytes) {
    if (points.subarray(offset, offset + bytes).some((byte) => byte !== 0)) return offset;
  }
  assert.fail('the section has no point');
}
