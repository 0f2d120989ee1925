import assert from 'node:assert/strict';
import { BASE8, type CurvePoint, FIELD_MODULUS, SUBGROUP_ORDER, toField, toPoint } from '@quittance/protocol';
import { createL1, deployContract } from '../../support/contracts/deployment.ts';
import type { ContractTypes, ExtendedPoint } from '../../support/contracts/types.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';
import { createRandom } from '../../support/property/random.ts';
import { loadVectors } from '../../support/vectors.ts';

type Pair = readonly [string, string];
interface CurveVectors {
  readonly curve: { readonly Base8: Pair; readonly subOrder: string };
  readonly add: readonly { a: Pair; b: Pair; out: Pair }[];
  readonly mul: readonly { p: Pair; s: string; out: Pair }[];
  readonly in_curve: readonly { p: Pair; in_curve: boolean }[];
  readonly low_order_points: readonly { order: number; p: Pair }[];
}

const pointOf = ([x, y]: Pair): CurvePoint => ({ x: BigInt(x), y: BigInt(y) });

function inverse(value: bigint): bigint {
  let [result, base] = [1n, value];
  for (let exponent = FIELD_MODULUS - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = toField(result * base);
    base = toField(base * base);
  }
  return result;
}

/** The affine point, after a look at what extended coordinates promise. */
function affine({ x, y, z, t }: ExtendedPoint): CurvePoint {
  assert.ok([x, y, z, t].every((value) => value < FIELD_MODULUS) && z !== 0n);
  assert.equal(toField(x * y), toField(t * z));
  return { x: toField(x * inverse(z)), y: toField(y * inverse(z)) };
}

describe('BabyJubJub in Solidity', () => {
  let curve: ContractTypes['StepCryptography'];

  before(async () => {
    const { ethers } = await createL1();
    curve = await deployContract(ethers, 'StepCryptography');
  });

  const sum = async (left: CurvePoint, right: CurvePoint) => affine(await curve.add(left.x, left.y, right.x, right.y));
  const multiply = async ({ x, y }: CurvePoint, scalar: bigint) => affine(await curve.multiplyAdd(0n, x, y, scalar));
  /** Scalars of more bits than a scalar of the verifier has: 16·(high·P) + low·P. */
  const multiplyLong = async (point: CurvePoint, scalar: bigint) => {
    const high = await multiply(point, scalar >> 4n);
    return sum(affine(await curve.double(high.x, high.y, 4)), await multiply(point, scalar & 15n));
  };

  it('adds and multiplies as the external vectors', async () => {
    const vectors = loadVectors<CurveVectors>('babyjubjub');
    for (const { a, b, out } of vectors.add) assert.deepEqual(await sum(pointOf(a), pointOf(b)), pointOf(out));
    for (const { p, s, out } of vectors.mul) {
      assert.deepEqual(await multiplyLong(pointOf(p), BigInt(s)), pointOf(out), s);
    }
    const { Base8, subOrder } = vectors.curve;
    assert.deepEqual(affine(await curve.multiplyAdd(1n, 0n, 1n, 0n)), pointOf(Base8));
    assert.deepEqual(affine(await curve.multiplyAdd(BigInt(subOrder), 0n, 1n, 0n)), { x: 0n, y: 1n });
  });

  it('tells by x² which points of the external vectors are on the curve', async () => {
    for (const { p, in_curve } of loadVectors<CurveVectors>('babyjubjub').in_curve) {
      const { x, y } = pointOf(p);
      const [numerator, denominator] = await curve.squareOfX(y);
      assert.equal(toField(x * x * denominator) === numerator, in_curve, String(p));
    }
  });

  it('doubles each low-order point three times to the identity, and no sooner than its order says', async () => {
    for (const { order, p } of loadVectors<CurveVectors>('babyjubjub').low_order_points) {
      const { x, y } = pointOf(p);
      assert.equal(await curve.isIdentity(x, y), order === 1);
      for (const count of [1, 2, 3]) {
        const { x: doubledX, y: doubledY } = affine(await curve.double(x, y, count));
        assert.equal(doubledX === 0n && doubledY === 1n, 2 ** count >= order, `2^${count} times order ${order}`);
      }
    }
  });

  it('agrees with circomlibjs on left·B8 + right·P, the edges of the scalars included', async () => {
    const oracle = await loadOracle();
    const random = createRandom('straus');
    const base = { x: BASE8.x, y: BASE8.y };
    const last = SUBGROUP_ORDER - 1n;
    const all = (1n << 252n) - 1n;
    const scalars: [bigint, bigint][] = [
      [0n, 0n],
      [1n, 0n],
      [0n, 1n],
      [1n, 1n],
      [3n, 3n],
      [last, last],
      [last, 0n],
      [0n, last],
      [all, all],
      [1n << 250n, 1n << 251n],
      ...Array.from({ length: 12 }, (): [bigint, bigint] => [random.bits(251), random.bits(251)]),
    ];
    for (const [left, right] of scalars) {
      const point = oracle.multiply(base, random.bits(250));
      const expected = oracle.add(oracle.multiply(base, left), oracle.multiply(point, right));
      assert.deepEqual(affine(await curve.multiplyAdd(left, point.x, point.y, right)), expected, `${left}, ${right}`);
    }
  });

  it('has the generator and the order of the subgroup that TypeScript has', async () => {
    assert.deepEqual(affine(await curve.multiplyAdd(1n, 0n, 1n, 0n)), { x: BASE8.x, y: BASE8.y });
    assert.deepEqual(affine(await curve.multiplyAdd(SUBGROUP_ORDER, 0n, 1n, 0n)), { x: 0n, y: 1n });
  });

  it('adds points that are equal, opposite or the identity like any others', async () => {
    const point = toPoint(BASE8.multiply(12_345n).toAffine())!;
    const { x, y } = point;
    const opposite = affine(await curve.negate(x, y));
    assert.deepEqual(opposite, { x: FIELD_MODULUS - x, y });
    assert.deepEqual(affine(await curve.negate(0n, 1n)), { x: 0n, y: 1n });
    assert.deepEqual(await sum({ x, y }, { x, y }), affine(await curve.double(x, y, 1)));
    assert.deepEqual(await sum({ x, y }, opposite), { x: 0n, y: 1n });
    assert.deepEqual(await sum({ x, y }, { x: 0n, y: 1n }), { x, y });
    assert.deepEqual(await multiply({ x, y }, SUBGROUP_ORDER - 1n), opposite);
  });
});
