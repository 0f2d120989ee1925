import assert from 'node:assert/strict';
import {
  type Account,
  FIELD_MODULUS,
  hashLeaf,
  packOwnerAndToken,
  portableHasher,
  unpackOwnerAndToken,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';

const ACCOUNT: Account = { keyY: 11n, owner: 22n, tokenId: 33, nonce: 44, balance: 55n };
const MAXIMA: Account = {
  keyY: FIELD_MODULUS - 1n,
  owner: 2n ** 160n - 1n,
  tokenId: 2 ** 32 - 1,
  nonce: 2 ** 32 - 1,
  balance: 2n ** 128n - 1n,
};

describe('leaf', () => {
  it('hashes as Poseidon(keyY, owner, tokenId + 2^32·nonce, balance)', async () => {
    const oracle = await loadOracle();
    assert.equal(hashLeaf(portableHasher, ACCOUNT), oracle.hash([11n, 22n, 33n + 2n ** 32n * 44n, 55n]));
    assert.equal(
      hashLeaf(portableHasher, MAXIMA),
      oracle.hash([MAXIMA.keyY, MAXIMA.owner, 2n ** 64n - 1n, MAXIMA.balance]),
    );
  });

  it('is 0 only when empty: an account of zeros has a hash', () => {
    assert.equal(hashLeaf(portableHasher, undefined), 0n);
    const zeros = { keyY: 0n, owner: 0n, tokenId: 0, nonce: 0, balance: 0n };
    assert.notEqual(hashLeaf(portableHasher, zeros), 0n);
  });

  it('changes with one bit of any field', () => {
    const hashes = [
      ACCOUNT,
      { ...ACCOUNT, keyY: 10n },
      { ...ACCOUNT, owner: 23n },
      { ...ACCOUNT, tokenId: 32 },
      { ...ACCOUNT, nonce: 45 },
      { ...ACCOUNT, balance: 54n },
    ].map((account) => hashLeaf(portableHasher, account));
    assert.equal(new Set(hashes).size, hashes.length);
  });

  for (const [field, value] of [
    ['keyY', FIELD_MODULUS],
    ['owner', 2n ** 160n],
    ['tokenId', 2 ** 32],
    ['nonce', 2 ** 32],
    ['balance', 2n ** 128n],
    ['balance', -1n],
    ['nonce', 0.5],
  ] as const) {
    it(`refuses ${field} of ${value}`, () => {
      const { data } = assertCode(() => hashLeaf(portableHasher, { ...ACCOUNT, [field]: value }), 'OUT_OF_RANGE');
      assert.equal(data['name'], field);
    });
  }

  it('packs owner and token into 192 bits and back', () => {
    const packed = packOwnerAndToken(MAXIMA.owner, MAXIMA.tokenId);
    assert.equal(packed, 2n ** 192n - 1n);
    assert.deepEqual(unpackOwnerAndToken(packed), { owner: MAXIMA.owner, tokenId: MAXIMA.tokenId });
    assert.deepEqual(unpackOwnerAndToken(packOwnerAndToken(5n, 6)), { owner: 5n, tokenId: 6 });
    assertCode(() => unpackOwnerAndToken(2n ** 192n), 'OUT_OF_RANGE');
    assertCode(() => unpackOwnerAndToken(-1n), 'OUT_OF_RANGE');
  });
});
