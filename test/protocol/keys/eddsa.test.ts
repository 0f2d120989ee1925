import assert from 'node:assert/strict';
import {
  BASE8,
  createKeyPair,
  FIELD_MODULUS,
  portableHasher,
  publicKeyOf,
  type SignatureCheck,
  SUBGROUP_ORDER,
  signMessage,
  toPoint,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';
import { fieldElement, secret } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';
import { portableCrypto } from '../../support/rollup/world.ts';

const { verifier } = portableCrypto;
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index + 1);

function signed(message = 42n, secret: Uint8Array = SECRET): SignatureCheck {
  const keyPair = createKeyPair(secret);
  return { key: keyPair.publicKey, signature: signMessage(portableHasher, keyPair, message), message };
}

describe('EdDSA-Poseidon', () => {
  it('derives the keys of circomlibjs at the edges', async () => {
    const oracle = await loadOracle();
    for (const edge of [new Uint8Array(32), new Uint8Array(32).fill(255), SECRET]) {
      assert.deepEqual(publicKeyOf(edge), oracle.publicKeyOf(edge));
    }
  });

  property(
    'makes the keys and signatures of circomlibjs, which verify both ways',
    [secret(), fieldElement()],
    async (key32, message) => {
      const oracle = await loadOracle();
      const { key, signature } = signed(message, key32);
      assert.deepEqual(key, oracle.publicKeyOf(key32));
      assert.deepEqual(signature, oracle.sign(key32, message));
      assert.equal(oracle.verify(message, signature, key), true);
      assert.equal(verifier.verify({ key, signature: oracle.sign(key32, message), message }), true);
    },
    { runs: 8 },
  );

  it('signs deterministically and differently for each message and key', () => {
    assert.deepEqual(signed(), signed());
    assert.notDeepEqual(signed(1n).signature.r8, signed(2n).signature.r8);
    assert.notDeepEqual(signed(1n).signature.r8, signed(1n, new Uint8Array(32)).signature.r8);
  });

  it('refuses to sign what is no field element', () => {
    const keyPair = createKeyPair(SECRET);
    assertCode(() => signMessage(portableHasher, keyPair, FIELD_MODULUS), 'OUT_OF_RANGE');
    assertCode(() => signMessage(portableHasher, keyPair, -1n), 'OUT_OF_RANGE');
  });

  it('keeps a copy of the secret, so that a reused buffer does not part it from its public key', () => {
    const buffer = Uint8Array.from(SECRET);
    const keyPair = createKeyPair(buffer);
    buffer.fill(0);
    assert.deepEqual(signMessage(portableHasher, keyPair, 42n), signed().signature);
  });

  it('refuses secrets that are not 32 bytes long', () => {
    for (const length of [0, 31, 33, 64]) assertCode(() => createKeyPair(new Uint8Array(length)), 'INVALID_KEY');
  });

  it('rejects every field of a signature with one bit flipped', () => {
    const check = signed();
    const { key, signature, message } = check;
    assert.equal(verifier.verify(check), true);
    for (const bit of [0n, 1n, 128n, 250n]) {
      const flip = (value: bigint) => value ^ (1n << bit);
      for (const broken of [
        { ...check, message: flip(message) },
        { ...check, key: { ...key, x: flip(key.x) } },
        { ...check, key: { ...key, y: flip(key.y) } },
        { ...check, signature: { ...signature, r8: { ...signature.r8, x: flip(signature.r8.x) } } },
        { ...check, signature: { ...signature, r8: { ...signature.r8, y: flip(signature.r8.y) } } },
        { ...check, signature: { ...signature, s: flip(signature.s) } },
      ]) {
        assert.equal(verifier.verify(broken), false);
      }
    }
  });

  it('rejects the second x of the key, which is another key', () => {
    const check = signed();
    assert.equal(verifier.verify({ ...check, key: { ...check.key, x: FIELD_MODULUS - check.key.x } }), false);
  });

  it('rejects coordinates, messages and S that are equal only modulo their order', () => {
    const check = signed();
    const { key, signature, message } = check;
    for (const broken of [
      { ...check, message: message + FIELD_MODULUS },
      { ...check, key: { ...key, x: key.x + FIELD_MODULUS } },
      { ...check, key: { ...key, y: key.y + FIELD_MODULUS } },
      { ...check, key: { ...key, x: key.x - FIELD_MODULUS } },
      { ...check, signature: { ...signature, r8: { ...signature.r8, x: signature.r8.x + FIELD_MODULUS } } },
      { ...check, signature: { ...signature, s: signature.s + SUBGROUP_ORDER } },
      { ...check, signature: { ...signature, s: signature.s - SUBGROUP_ORDER } },
    ]) {
      assert.equal(verifier.verify(broken), false);
    }
  });

  it('rejects a wrong S at each end of its range and beyond, and always returns', () => {
    const check = signed();
    for (const s of [0n, SUBGROUP_ORDER - 1n, SUBGROUP_ORDER, 2n ** 256n, -1n, -SUBGROUP_ORDER]) {
      assert.equal(verifier.verify({ ...check, signature: { ...check.signature, s } }), false, String(s));
    }
  });

  it('accepts a key outside the subgroup whose multiple by 8 is not the identity, as the circuit does', () => {
    // A = a·B8 + T with T of order 2: 8·A = 8·a·B8, so whoever knows a can sign with h over A.
    const a = 123_456_789n;
    const torsion = toPoint({ x: 0n, y: FIELD_MODULUS - 1n })!;
    const key = BASE8.multiply(a).add(torsion).toAffine();
    const r8 = BASE8.multiply(987_654_321n).toAffine();
    const message = 7n;
    const h = portableHasher.hash([r8.x, r8.y, key.x, key.y, message]);
    const s = (987_654_321n + h * 8n * a) % SUBGROUP_ORDER;
    assert.equal(verifier.verify({ key, signature: { r8, s }, message }), true);
    // An R8 with torsion is refused: there is no cofactor on that side of the equation.
    const shifted = BASE8.multiply(987_654_321n).add(torsion).toAffine();
    const shiftedH = portableHasher.hash([shifted.x, shifted.y, key.x, key.y, message]);
    const shiftedS = (987_654_321n + shiftedH * 8n * a) % SUBGROUP_ORDER;
    assert.equal(verifier.verify({ key, signature: { r8: shifted, s: shiftedS }, message }), false);
  });

  it('rejects keys of low order, under which S·B8 = R8 would be a signature of anything', () => {
    const s = 123_456_789n;
    const r8 = BASE8.multiply(s).toAffine();
    for (const key of [
      { x: 0n, y: 1n },
      { x: 0n, y: FIELD_MODULUS - 1n },
      { x: 2957874849018779266517920829765869116077630550401372566248359756137677864698n, y: 0n },
    ]) {
      assert.ok(toPoint(key) !== undefined);
      assert.equal(verifier.verify({ key, signature: { r8, s }, message: 1n }), false);
    }
  });
});
