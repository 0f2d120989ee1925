/** A key that two parties have together: its signatures are those of any key, for everybody who checks them. */

import { strict as assert } from 'node:assert';
import { createPortableVerifier, isUsableKeyY, portableHasher, SUBGROUP_ORDER } from '@quittance/protocol';
import { makeJointKey, signJointly } from '../../../packages/sdk/channels/index.ts';
import { assertCode } from '../../support/assertions.ts';
import { makeBoth, signBoth } from '../../support/channels/joint.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';

describe('a joint key', () => {
  const keys = makeBoth();
  const verifier = createPortableVerifier(portableHasher);

  it('is the same for both, and usable on the rollup', () => {
    assert.deepEqual(keys.a.publicKey, keys.b.publicKey);
    assert.ok(isUsableKeyY(keys.a.publicKey.y));
    assert.notDeepEqual(makeBoth().a.publicKey, keys.a.publicKey);
  });

  it('signs what our verifier and circomlibjs accept, and nothing else', async () => {
    const oracle = await loadOracle();
    for (const message of [0n, 1n, 123_456_789n, 2n ** 253n]) {
      const [signature, other] = signBoth(keys, message);
      assert.deepEqual(signature, other);
      const { publicKey: key } = keys.a;
      assert.ok(verifier.verify({ key, signature, message }));
      assert.ok(oracle.verify(message, signature, key));
      assert.ok(!verifier.verify({ key, signature, message: message + 1n }));
    }
  });

  it('uses a nonce once: a second share of one signing is refused', () => {
    const [ofA, ofB] = [signJointly(keys.a, 5n), signJointly(keys.b, 5n)];
    ofA.share(ofB.commitment);
    const again = signJointly(keys.b, 5n);
    assertCode(() => ofA.share(again.commitment), 'BAD_SIGNATURE');
  });

  it('makes another signature of the same message each time', () => {
    assert.notDeepEqual(signBoth(keys, 9n), signBoth(keys, 9n));
  });

  it('refuses what the other party should not send', () => {
    const [ofA, ofB] = [signJointly(keys.a, 5n), signJointly(keys.b, 5n)];
    assertCode(() => ofA.finish(new Uint8Array(32)), 'BAD_SIGNATURE');
    assertCode(() => ofA.share(ofA.commitment), 'BAD_SIGNATURE');
    const share = ofB.share(ofA.commitment);
    ofA.share(ofB.commitment);
    const wrong = Uint8Array.from(share);
    wrong[0] = wrong[0]! ^ 1;
    assertCode(() => ofA.finish(wrong), 'BAD_SIGNATURE');
    const otherMessage = signJointly(keys.b, 6n);
    const sessionA = signJointly(keys.a, 5n);
    const shareOfOther = otherMessage.share(sessionA.commitment);
    sessionA.share(otherMessage.commitment);
    assertCode(() => sessionA.finish(shareOfOther), 'BAD_SIGNATURE');
    assertCode(() => signJointly(keys.a, -1n), 'OUT_OF_RANGE');
  });

  it('is not made with what the other party should not send', () => {
    const [a, b, other] = [makeJointKey('a'), makeJointKey('b'), makeJointKey('b')];
    assertCode(() => a.finish(b.second(a.first)), 'INVALID_KEY');
    assertCode(() => a.second(a.first), 'INVALID_KEY');
    const forged = { ...b.first, commitment: other.first.commitment };
    assertCode(() => makeJointKey('a').second(forged), 'INVALID_KEY');
    const honest = makeJointKey('a');
    honest.second(b.first);
    assertCode(() => honest.finish(other.second(honest.first)), 'INVALID_KEY');
  });

  it('has an order that the shares are below', () => {
    const [{ s }] = signBoth(keys, 7n);
    assert.ok(s < SUBGROUP_ORDER);
  });
});
