import assert from 'node:assert/strict';
import { createKeyPair, isUsableKeyY, signMessage, toPoint, xCandidates } from '@quittance/protocol';
import { portableCrypto } from '../../support/rollup/world.ts';
import { loadVectors } from '../../support/vectors.ts';

interface SignatureVector {
  readonly id: string;
  readonly privkey_hex?: string;
  readonly msg: string;
  readonly A: [string, string];
  readonly R8: [string, string];
  readonly S: string;
}
interface EddsaVectors {
  readonly valid: readonly SignatureVector[];
  readonly invalid: readonly SignatureVector[];
  readonly invalid_packed_points: readonly { id: string; packed_le_hex: string; expected: string }[];
}

const pointOf = ([x, y]: [string, string]) => ({ x: BigInt(x), y: BigInt(y) });
const checkOf = ({ A, R8, S, msg }: SignatureVector) => ({
  key: pointOf(A),
  signature: { r8: pointOf(R8), s: BigInt(S) },
  message: BigInt(msg),
});
const load = () => loadVectors<EddsaVectors>('eddsa_poseidon');

describe('EdDSA-Poseidon against the external vectors', () => {
  it('accepts all valid signatures', () => {
    const { valid } = load();
    assert.ok(valid.length >= 13);
    for (const vector of valid) assert.equal(portableCrypto.verifier.verify(checkOf(vector)), true, vector.id);
  });

  it('derives the keys and makes the signatures whose 32-byte secret is given', () => {
    const known = load().valid.filter(({ privkey_hex }) => privkey_hex?.length === 64);
    assert.ok(known.length >= 3);
    for (const vector of known) {
      const keyPair = createKeyPair(Uint8Array.from(Buffer.from(vector.privkey_hex!, 'hex')));
      const { key, signature, message } = checkOf(vector);
      assert.deepEqual(keyPair.publicKey, key, vector.id);
      assert.deepEqual(signMessage(portableCrypto.hasher, keyPair, message), signature, vector.id);
    }
  });

  it('rejects all invalid signatures, those that other libraries accept or hang on included', () => {
    const { invalid } = load();
    assert.ok(invalid.length >= 19);
    for (const vector of invalid) {
      const started = performance.now();
      assert.equal(portableCrypto.verifier.verify(checkOf(vector)), false, vector.id);
      assert.ok(performance.now() - started < 5_000, `${vector.id} took too long`);
    }
  });

  it('refuses the y of packed points that must be refused as keys', () => {
    for (const { id, packed_le_hex, expected } of load().invalid_packed_points) {
      const packed = BigInt(`0x${Buffer.from(packed_le_hex, 'hex').reverse().toString('hex')}`);
      const y = packed & ((1n << 255n) - 1n);
      if (expected === 'accept') {
        assert.ok(xCandidates(y).every((x) => toPoint({ x, y }) !== undefined) && xCandidates(y).length === 2, id);
      } else {
        assert.equal(isUsableKeyY(y), false, id);
      }
    }
  });
});
