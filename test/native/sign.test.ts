import assert from 'node:assert/strict';
import { createKeyPair, FIELD_MODULUS, type KeyPair, signMessage } from '@quittance/protocol';
import { nativeHasher, type SigningRequest, signMany, signPacked, verifySignatures } from '../../native/index.ts';
import { assertRejects } from '../support/assertions.ts';
import { loadOracle } from '../support/crypto/oracle.ts';
import { describeNative } from '../support/native.ts';
import { fieldElement, secret } from '../support/property/arbitraries.ts';
import { property } from '../support/property/property.ts';
import { loadVectors } from '../support/vectors.ts';

const pairOf = (seed: number): KeyPair => createKeyPair(new Uint8Array(32).fill(seed));

describeNative('native signing', () => {
  it('makes the signatures of the external vectors whose secret is given', async () => {
    const { valid } = loadVectors<{
      valid: { privkey_hex?: string; msg: string; R8: [string, string]; S: string }[];
    }>('eddsa_poseidon');
    const known = valid.filter(({ privkey_hex }) => privkey_hex?.length === 64);
    assert.ok(known.length >= 3);
    const pairs = known.map(({ privkey_hex }) => createKeyPair(Uint8Array.from(Buffer.from(privkey_hex!, 'hex'))));
    const requests = known.map(({ msg }, key): SigningRequest => ({ key, message: BigInt(msg) }));
    assert.deepEqual(
      await signMany(pairs, requests),
      known.map(({ R8, S }) => ({ r8: { x: BigInt(R8[0]), y: BigInt(R8[1]) }, s: BigInt(S) })),
    );
  });

  property(
    'makes the signatures of circomlibjs',
    [secret(), fieldElement()],
    async (seed, message) => {
      const oracle = await loadOracle();
      assert.deepEqual(await signMany([createKeyPair(seed)], [{ key: 0, message }]), [oracle.sign(seed, message)]);
    },
    { runs: 8 },
  );

  for (const count of [0, 1, 2, 8, 9, 64, 65, 130]) {
    it(`makes ${count} signatures under several keys at once as the protocol makes each, in order`, async () => {
      const pairs = [1, 2, 3].map(pairOf);
      const requests = Array.from({ length: count }, (_, position) => ({
        key: (position * 5) % 3,
        message: (BigInt(position) ** 60n + 1n) % FIELD_MODULUS,
      }));
      const signatures = await signMany(pairs, requests);
      const some = requests.filter((_, position) => position % 13 === 0);
      assert.deepEqual(
        signatures.filter((_, position) => position % 13 === 0),
        some.map(({ key, message }) => signMessage(nativeHasher, pairs[key]!, message)),
      );
      const checks = requests.map(({ key, message }, position) => ({
        key: pairs[key]!.publicKey,
        signature: signatures[position]!,
        message,
      }));
      assert.deepEqual(verifySignatures(checks), Array(count).fill(true));
    });
  }

  it('signs under the secret’s own key when the pair names another, which would give the secret away', async () => {
    const request = { key: 0, message: 7n };
    const mixed = { secret: pairOf(1).secret, publicKey: pairOf(2).publicKey };
    assert.deepEqual(await signMany([mixed], [request]), await signMany([pairOf(1)], [request]));
  });

  it('leaves the secrets of the pairs as they are', async () => {
    const pair = pairOf(9);
    await signMany([pair], [{ key: 0, message: 1n }]);
    assert.deepEqual(pair.secret, new Uint8Array(32).fill(9));
  });

  it('refuses secrets of another length, messages that are no field elements, keys that are not there', async () => {
    const good = { key: 0, message: 1n };
    for (const length of [0, 31, 33]) {
      const pair = { ...pairOf(1), secret: new Uint8Array(length) };
      await assertRejects(signMany([pairOf(1), pair], [good]), 'INVALID_KEY');
    }
    for (const message of [FIELD_MODULUS, -1n]) {
      await assertRejects(signMany([pairOf(1)], [good, { key: 0, message }]), 'OUT_OF_RANGE');
    }
    for (const key of [1, -1, 0.5, 2 ** 32]) {
      await assertRejects(signMany([pairOf(1)], [good, { key, message: 1n }]), 'OUT_OF_RANGE');
    }
  });

  it('refuses bytes that are no secrets, no items, or items without a secret', async () => {
    const [seed, item] = [new Uint8Array(32), new Uint8Array(36)];
    assert.equal((await signPacked(seed, item)).length, 96);
    await assertRejects(signPacked(seed.subarray(1), item), 'INVARIANT_BROKEN');
    await assertRejects(signPacked(seed, item.subarray(1)), 'INVARIANT_BROKEN');
    await assertRejects(signPacked(seed.subarray(32), item), 'INVARIANT_BROKEN');
    await assertRejects(signPacked(seed, item.fill(255, 4)), 'OUT_OF_RANGE');
  });
});
