import assert from 'node:assert/strict';
import { createKeyPair, FIELD_MODULUS, xCandidates, xCoordinates } from '@quittance/protocol';
import { nativeSignatureVerifier } from '../../../native/index.ts';
import { assertCode } from '../../support/assertions.ts';
import { littleEndian } from '../../support/crypto/little-endian.ts';
import { describeNative } from '../../support/native.ts';
import { createRandom } from '../../support/property/random.ts';

const SIGN = 1n << 255n;
const NO_POINT = (1n << 256n) - 1n;

/** What is asked for, with the x that the curve has for it. */
interface Case {
  readonly point: bigint;
  readonly x: bigint;
}

/** Points of both signs, and what is none: about half of all y, those not below r, and x = 0 with the sign 1. */
function createCases(): readonly Case[] {
  const random = createRandom('compressed points');
  const keys = Array.from({ length: 12 }, () => createKeyPair(random.bytes()).publicKey.y);
  const anyY = Array.from({ length: 24 }, () => random.fieldElement());
  const ys = [...keys, ...anyY, 0n, 1n, FIELD_MODULUS - 1n, FIELD_MODULUS, FIELD_MODULUS + 1n, SIGN - 1n];
  return ys.flatMap((y) => {
    const [lower, upper] = xCandidates(y);
    return [
      { point: y, x: lower ?? NO_POINT },
      { point: y | SIGN, x: upper ?? NO_POINT },
    ];
  });
}

const CASES = createCases();
const POINTS = littleEndian(CASES.map(({ point }) => point));
const EXPECTED = littleEndian(CASES.map(({ x }) => x));

describe('x of compressed points', () => {
  it('is that of the sign, and all ones where there is no point', () => {
    const missing = CASES.filter(({ x }) => x === NO_POINT).length;
    assert.ok(missing > 20 && missing < CASES.length - 30, `${missing} of ${CASES.length} are no points`);
    assert.deepEqual(xCoordinates(POINTS), EXPECTED);
  });

  it('leaves the points as they are, and refuses some that were cut', () => {
    const points = Uint8Array.from(POINTS);
    xCoordinates(points);
    assert.deepEqual(points, POINTS);
    assert.equal(xCoordinates(new Uint8Array()).length, 0);
    assertCode(() => xCoordinates(POINTS.subarray(1)), 'WRONG_LENGTH');
  });
});

describeNative('x of compressed points, natively', () => {
  it('is that of the portable path', async () => {
    assert.deepEqual(Uint8Array.from(await nativeSignatureVerifier.xCoordinates!(POINTS)), EXPECTED);
    assert.equal((await nativeSignatureVerifier.xCoordinates!(new Uint8Array())).length, 0);
  });

  it('is refused for points that were cut', async () => {
    await assert.rejects(nativeSignatureVerifier.xCoordinates!(POINTS.subarray(1)), { code: 'INVARIANT_BROKEN' });
  });
});
