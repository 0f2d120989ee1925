import assert from 'node:assert/strict';
import {
  createKeyPair,
  FIELD_MODULUS,
  type SignatureCheck,
  SUBGROUP_ORDER,
  signMessage,
  viewOf,
  writeWord,
} from '@quittance/protocol';
import {
  nativeHasher,
  nativeSignatureVerifier,
  verifySignatureItems,
  verifySignatures,
  verifySignaturesAsync,
} from '../../native/index.ts';
import { describeNative } from '../support/native.ts';
import { loadVectors } from '../support/vectors.ts';

interface Vector {
  id: string;
  msg: string;
  A: [string, string];
  R8: [string, string];
  S: string;
}

const toCheck = ({ A, R8, S, msg }: Vector): SignatureCheck => ({
  key: { x: BigInt(A[0]), y: BigInt(A[1]) },
  signature: { r8: { x: BigInt(R8[0]), y: BigInt(R8[1]) }, s: BigInt(S) },
  message: BigInt(msg),
});

function signed(seed: number, message: bigint): SignatureCheck {
  const pair = createKeyPair(new Uint8Array(32).fill(seed));
  return { key: pair.publicKey, signature: signMessage(nativeHasher, pair, message), message };
}

describeNative('native EdDSA-Poseidon', () => {
  it('gives the verdicts of the external vectors', () => {
    const { valid, invalid } = loadVectors<{ valid: Vector[]; invalid: Vector[] }>('eddsa_poseidon');
    assert.ok(valid.length > 10 && invalid.length > 10);
    for (const vector of valid) assert.equal(nativeSignatureVerifier.verify(toCheck(vector)), true, vector.id);
    for (const vector of invalid) assert.equal(nativeSignatureVerifier.verify(toCheck(vector)), false, vector.id);
    const all = [...valid, ...invalid];
    assert.deepEqual(
      verifySignatures(all.map(toCheck)),
      all.map((_, index) => index < valid.length),
    );
  });

  it('accepts what the protocol signs, and its batch on background threads', async () => {
    const checks = Array.from({ length: 9 }, (_, index) => signed(index + 1, BigInt(index) ** 40n % FIELD_MODULUS));
    assert.deepEqual(await verifySignaturesAsync(checks), Array(9).fill(true));
  });

  it('gives the same verdicts on packed items, on background threads', async () => {
    const { valid, invalid } = loadVectors<{ valid: Vector[]; invalid: Vector[] }>('eddsa_poseidon');
    const checks = [...valid, ...invalid].map(toCheck).filter(({ signature: { s }, message }) => {
      return s >= 0n && s < 1n << 256n && message >= 0n && message < 1n << 256n;
    });
    const items = new Uint8Array(checks.length * 192);
    for (const [position, { key, signature, message }] of checks.entries()) {
      const parts = [key.x, key.y, signature.r8.x, signature.r8.y, signature.s, message];
      for (const [part, value] of parts.entries()) writeWord(viewOf(items), position * 192 + part * 32, value);
    }
    const verdicts = await verifySignatureItems(items);
    assert.deepEqual([...verdicts], verifySignatures(checks).map(Number));
    assert.equal(verdicts.filter((verdict) => verdict === 1).length, valid.length);
  });

  const honest = () => signed(7, 424242n);
  const off = SUBGROUP_ORDER;
  const tampered: [string, (check: SignatureCheck) => SignatureCheck][] = [
    ['another message', (check) => ({ ...check, message: check.message + 1n })],
    ['a message plus r', (check) => ({ ...check, message: check.message + FIELD_MODULUS })],
    ['a negative message', (check) => ({ ...check, message: check.message - FIELD_MODULUS })],
    ['S plus the subgroup order', (c) => ({ ...c, signature: { ...c.signature, s: c.signature.s + off } })],
    ['a negative S', (c) => ({ ...c, signature: { ...c.signature, s: c.signature.s - off } })],
    ['S of 2^300', (c) => ({ ...c, signature: { ...c.signature, s: 1n << 300n } })],
    ['the opposite key', (c) => ({ ...c, key: { x: FIELD_MODULUS - c.key.x, y: c.key.y } })],
    ['a key coordinate plus r', (c) => ({ ...c, key: { x: c.key.x + FIELD_MODULUS, y: c.key.y } })],
    ['a key off the curve', (c) => ({ ...c, key: { x: c.key.x, y: c.key.y + 1n } })],
    ['an R8 off the curve', (c) => ({ ...c, signature: { ...c.signature, r8: { x: 1n, y: 1n } } })],
  ];
  for (const [name, change] of tampered) {
    it(`rejects ${name}`, () => {
      assert.equal(nativeSignatureVerifier.verify(honest()), true);
      assert.equal(nativeSignatureVerifier.verify(change(honest())), false);
    });
  }

  for (const count of [2, 7, 8, 9, 17, 40]) {
    it(`gives ${count} checks at once the verdicts that each has alone, bad ones in every place`, () => {
      const checks = Array.from({ length: count }, (_, index) => {
        const check = signed(index + 1, BigInt(index));
        // One of ten ways of being wrong, or none.
        const [, change] = tampered[index % (tampered.length + 3)] ?? ['none', (same: SignatureCheck) => same];
        return change(check);
      });
      const alone = checks.map((check) => nativeSignatureVerifier.verify(check));
      assert.deepEqual(verifySignatures(checks), alone);
      assert.deepEqual(verifySignatures(checks.toReversed()), alone.toReversed());
      assert.equal(alone.filter((verdict) => !verdict).length, checks.filter((_, i) => i % 13 < 10).length);
    });
  }

  it('rejects keys of low order, for which S·B8 = R8 has a solution', () => {
    const file = loadVectors<{ low_order_points: { p: [string, string] }[] }>('babyjubjub');
    const points = file.low_order_points.map(({ p }) => ({ x: BigInt(p[0]), y: BigInt(p[1]) }));
    assert.ok(points.length >= 4);
    for (const key of points) {
      // S = 0 and R8 = identity satisfy the equation for every key with 8·A = identity.
      const check = { key, signature: { r8: { x: 0n, y: 1n }, s: 0n }, message: 1n };
      assert.equal(nativeSignatureVerifier.verify(check), false);
    }
  });
});
