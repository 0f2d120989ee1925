import assert from 'node:assert/strict';
import {
  ACCOUNT_BYTES,
  ACCOUNT_ROW_BYTES,
  type Account,
  decodeAccountRows,
  encodeAccountRows,
  FIELD_MODULUS,
  portableHasher,
  RollupState,
  TREE_CAPACITY,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { account } from '../../support/property/arbitraries.ts';
import { flipBit, resultOf } from '../../support/property/flip.ts';
import { property } from '../../support/property/property.ts';

const accounts = () =>
  fc.uniqueArray(fc.tuple(fc.nat(TREE_CAPACITY - 1), account()), { selector: ([index]) => index, maxLength: 8 });
const decode = (rows: Uint8Array) => [...decodeAccountRows(rows)];

const ONE: Account = { keyY: 1n, owner: 2n, tokenId: 3, nonce: 4, balance: 5n };

describe('account rows', () => {
  it('are index, key, owner, token, nonce and balance, big-endian', () => {
    const account = {
      keyY: 0x01n << 240n,
      owner: 0x02n << 152n,
      tokenId: 0x03000004,
      nonce: 5,
      balance: 0x06n << 120n,
    };
    const [row] = [encodeAccountRows([[0x070809, account]])];
    const expected = new Uint8Array(ACCOUNT_ROW_BYTES);
    expected.set([0, 7, 8, 9, 0, 1]);
    expected.set([2], 4 + 32);
    expected.set([3, 0, 0, 4, 0, 0, 0, 5, 6], 4 + 52);
    assert.deepEqual(row, expected);
    assert.equal(ACCOUNT_BYTES, 32 + 20 + 4 + 4 + 16);
  });

  property('give back any accounts, by ascending index, wherever their bytes lie', [accounts()], (list) => {
    const rows = encodeAccountRows(list);
    const inside = new Uint8Array(rows.length + 13);
    inside.set(rows, 13);
    assert.deepEqual(
      decode(inside.subarray(13)),
      list.toSorted(([one], [other]) => one - other),
    );
  });

  property(
    'with one bit changed are other accounts, or damaged',
    [accounts().filter(({ length }) => length > 0), fc.nat()],
    (list, seed) => {
      const rows = encodeAccountRows(list);
      const flipped = flipBit(rows, seed % (8 * rows.length));
      const result = resultOf(() => decode(flipped));
      if ('code' in result) assert.equal(result.code, 'SNAPSHOT_DAMAGED');
      else assert.deepEqual(encodeAccountRows(result.value), flipped);
    },
  );

  it('are damaged when they were cut, are out of order, beyond the tree, or have a key of r or more', () => {
    const two = encodeAccountRows([
      [1, ONE],
      [2, ONE],
    ]);
    assertCode(() => decodeAccountRows(two.subarray(1)), 'SNAPSHOT_DAMAGED');
    const [first, second] = [two.slice(0, ACCOUNT_ROW_BYTES), two.slice(ACCOUNT_ROW_BYTES)];
    for (const rows of [
      [second, first],
      [first, first],
    ]) {
      assertCode(() => decode(Uint8Array.from(rows.flatMap((row) => [...row]))), 'SNAPSHOT_DAMAGED');
    }
    const last = encodeAccountRows([[TREE_CAPACITY - 1, { ...ONE, keyY: FIELD_MODULUS - 1n }]]);
    assert.equal(decode(last).length, 1);
    const beyond = Uint8Array.from(last);
    beyond.set([1, 0, 0, 0]); // 2^24
    assertCode(() => decode(beyond), 'SNAPSHOT_DAMAGED');
    const key = Uint8Array.from(last);
    key[4 + 31]! += 1; // r, which is odd: its last byte is not 255
    assertCode(() => decode(key), 'SNAPSHOT_DAMAGED');
  });

  it('refuse fields that are too wide: OUT_OF_RANGE', () => {
    for (const change of [
      { keyY: FIELD_MODULUS },
      { owner: 1n << 160n },
      { tokenId: 2 ** 32 },
      { nonce: 2 ** 32 },
      { balance: 1n << 128n },
      { balance: -1n },
    ]) {
      assertCode(() => encodeAccountRows([[1, { ...ONE, ...change }]]), 'OUT_OF_RANGE');
    }
  });

  it('are what a state gives of itself', () => {
    const state = new RollupState(portableHasher, [
      [9, ONE],
      [2, { ...ONE, nonce: 0 }],
    ]);
    assert.deepEqual(state.rows(), encodeAccountRows(state.accounts()));
    assert.equal(new RollupState(portableHasher, decodeAccountRows(state.rows())).root, state.root);
    assert.equal(new RollupState(portableHasher).rows().length, 0);
  });
});
