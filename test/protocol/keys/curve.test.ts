import assert from 'node:assert/strict';
import {
  BASE8,
  type CurvePoint,
  createKeyPair,
  FIELD_MODULUS,
  IDENTITY,
  isOnCurve,
  isUsableKeyY,
  multiplyByCofactor,
  SUBGROUP_ORDER,
  toPoint,
  xCandidates,
} from '@quittance/protocol';
import fc from 'fast-check';
import { loadOracle } from '../../support/crypto/oracle.ts';
import { fieldElement, secret } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { loadVectors } from '../../support/vectors.ts';

type Pair = [string, string];
interface BabyJubJubVectors {
  readonly curve: { p: string; subOrder: string; Base8: Pair };
  readonly add: readonly { a: Pair; b: Pair; out: Pair }[];
  readonly mul: readonly { p: Pair; s: string; out: Pair }[];
  readonly in_curve: readonly { p: Pair; in_curve: boolean; in_subgroup?: boolean }[];
  readonly pack: readonly { p: Pair; packed_le_hex: string }[];
  readonly unpack: readonly { packed_le_hex?: string; x_le_hex?: string; point?: Pair }[];
  readonly low_order_points: readonly { order: number; p: Pair }[];
}

const pointOf = ([x, y]: Pair): CurvePoint => ({ x: BigInt(x), y: BigInt(y) });
const affine = (point: NonNullable<ReturnType<typeof toPoint>>): CurvePoint => {
  const { x, y } = point.toAffine();
  return { x, y };
};
const littleEndian = (hex: string) => BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`);
const load = () => loadVectors<BabyJubJubVectors>('babyjubjub');

describe('BabyJubJub', () => {
  it('has the parameters of the external vectors', () => {
    const { curve } = load();
    assert.equal(BigInt(curve.p), FIELD_MODULUS);
    assert.equal(BigInt(curve.subOrder), SUBGROUP_ORDER);
    assert.deepEqual(affine(BASE8), pointOf(curve.Base8));
  });

  it('adds and multiplies as the external vectors', () => {
    const { add, mul } = load();
    for (const { a, b, out } of add) {
      assert.deepEqual(affine(toPoint(pointOf(a))!.add(toPoint(pointOf(b))!)), pointOf(out));
    }
    for (const { p, s, out } of mul) {
      const scalar = BigInt(s) % SUBGROUP_ORDER; // the points are of the subgroup
      assert.deepEqual(affine(toPoint(pointOf(p))!.multiplyUnsafe(scalar)), pointOf(out));
    }
  });

  it('tells points on the curve from others', () => {
    for (const { p, in_curve, in_subgroup } of load().in_curve) {
      assert.equal(isOnCurve(pointOf(p)), in_curve, p.join());
      assert.equal(toPoint(pointOf(p)) !== undefined, in_curve);
      if (in_subgroup === true) assert.equal(isUsableKeyY(BigInt(p[1])), true);
    }
  });

  it('refuses coordinates that are not canonical', () => {
    const { x, y } = affine(BASE8);
    assert.equal(isOnCurve({ x, y }), true);
    for (const point of [
      { x: x + FIELD_MODULUS, y },
      { x, y: y + FIELD_MODULUS },
      { x: x - FIELD_MODULUS, y },
      { x, y: -y },
    ]) {
      assert.equal(isOnCurve(point), false);
      assert.equal(toPoint(point), undefined);
    }
  });

  it('finds both x of a y, in both directions of the packed vectors', () => {
    const { pack, unpack } = load();
    for (const { p, packed_le_hex } of pack) {
      const { x, y } = pointOf(p);
      const packed = littleEndian(packed_le_hex);
      assert.equal(packed & ((1n << 255n) - 1n), y);
      const candidates = xCandidates(y);
      assert.deepEqual(candidates.map((candidate) => candidate === x).sort(), [false, true]);
      // The sign bit says that x is the larger of the two.
      assert.equal(candidates.indexOf(x), Number(packed >> 255n));
    }
    for (const { packed_le_hex, x_le_hex, point } of unpack) {
      if (packed_le_hex === undefined) continue;
      const packed = littleEndian(packed_le_hex);
      const candidates = xCandidates(packed & ((1n << 255n) - 1n));
      const expected = point === undefined ? littleEndian(x_le_hex!) : BigInt(point[0]);
      assert.equal(candidates[Number(packed >> 255n)], expected);
    }
  });

  it('finds one x for ±1, none out of range', () => {
    assert.deepEqual(xCandidates(1n), [0n]);
    assert.deepEqual(xCandidates(FIELD_MODULUS - 1n), [0n]);
    for (const y of [FIELD_MODULUS, FIELD_MODULUS + 1n, -1n]) assert.deepEqual(xCandidates(y), []);
  });

  let onCurve = 0;
  property(
    'finds two x for other y on the curve, none off it, and half of all y on it',
    [fc.bigInt({ min: 2n, max: FIELD_MODULUS - 2n })],
    (y) => {
      const candidates = xCandidates(y);
      if (candidates.length === 0) return;
      onCurve += 1;
      assert.equal(candidates.length, 2);
      assert.ok(candidates[0]! < candidates[1]!);
      for (const x of candidates) assert.ok(isOnCurve({ x, y }));
    },
    { afterAll: () => assert.ok(onCurve > 20 && onCurve < 80, `${onCurve} of 100 y were on the curve`) },
  );

  it('clears the cofactor', () => {
    assert.ok(multiplyByCofactor(BASE8).equals(BASE8.multiply(8n)));
    assert.ok(multiplyByCofactor(IDENTITY).equals(IDENTITY));
  });
});

describe('usable keys', () => {
  it('exclude the low-order points', () => {
    const { low_order_points } = load();
    assert.deepEqual([...new Set(low_order_points.map(({ order }) => order))], [1, 2, 4, 8]);
    for (const { order, p } of low_order_points) {
      const { x, y } = pointOf(p);
      assert.ok(multiplyByCofactor(toPoint({ x, y })!).equals(IDENTITY), `order ${order}`);
      assert.equal(isUsableKeyY(y), false, `order ${order}`);
    }
  });

  it('exclude points of the subgroup shifted by a low-order point', () => {
    const torsion = toPoint({ x: 0n, y: FIELD_MODULUS - 1n })!; // order 2
    const { y } = affine(BASE8.multiply(5n).add(torsion));
    assert.equal(xCandidates(y).length, 2);
    assert.equal(isUsableKeyY(y), false);
    assert.equal(isUsableKeyY(affine(BASE8.multiply(5n)).y), true);
  });

  it('exclude what is no y of the curve, and what is not canonical', () => {
    const { y } = affine(BASE8);
    assert.equal(isUsableKeyY(y + FIELD_MODULUS), false);
    assert.equal(isUsableKeyY(-y), false);
    const offCurve = [2n, 3n, 4n, 5n, 6n, 7n, 8n].find((candidate) => xCandidates(candidate).length === 0);
    assert.ok(offCurve !== undefined);
    assert.equal(isUsableKeyY(offCurve), false);
  });

  property(
    'agree with circomlibjs on any y',
    [
      fc.oneof(
        fieldElement(),
        secret().map((bytes) => createKeyPair(bytes).publicKey.y),
      ),
    ],
    async (y) => {
      const oracle = await loadOracle();
      const [x] = xCandidates(y);
      assert.equal(isUsableKeyY(y), x !== undefined && oracle.isInSubgroup({ x, y }));
    },
    { runs: 16 },
  );
});
