import assert from 'node:assert/strict';
import {
  type Account,
  accountRowsAfter,
  CHANGE_BYTES,
  createLeafChanges,
  encodeAccountRows,
  encodeLeafChanges,
  FIELD_MODULUS,
  type LeafChange,
  TREE_CAPACITY,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { account } from '../../support/property/arbitraries.ts';
import { flipBit, resultOf } from '../../support/property/flip.ts';
import { property } from '../../support/property/property.ts';

const maybeAccount = () => fc.option(account(), { nil: undefined });
const changes = (): fc.Arbitrary<LeafChange[]> =>
  fc.uniqueArray(
    fc.record(
      { index: fc.nat(TREE_CAPACITY - 1), before: maybeAccount(), after: maybeAccount() },
      { noNullPrototype: true },
    ),
    { selector: ({ index }) => index, maxLength: 6 },
  );

const ACCOUNT: Account = { keyY: 7n, owner: 2n, tokenId: 3, nonce: 4, balance: 5n };
const CREATED: LeafChange = { index: 0x010203, before: undefined, after: ACCOUNT };

describe('leaf changes', () => {
  it('are index, flags and both accounts where the table says', () => {
    const bytes = encodeLeafChanges([CREATED]);
    assert.equal(bytes.length, CHANGE_BYTES);
    assert.deepEqual([...bytes.subarray(0, 8)], [0, 1, 2, 3, 2, 0, 0, 0]);
    assert.ok(bytes.subarray(8, 84).every((byte) => byte === 0));
    assert.equal(bytes[84 + 31], 7);
    const emptied = encodeLeafChanges([{ index: 1, before: ACCOUNT, after: undefined }]);
    assert.deepEqual([emptied[4], emptied[8 + 31], emptied[84 + 31]], [1, 7, 0]);
  });

  property('give back any changes, by ascending index, as often as they are asked', [changes()], (list) => {
    const bytes = encodeLeafChanges(list);
    const inside = new Uint8Array(bytes.length + 3);
    inside.set(bytes, 3);
    const decoded = createLeafChanges(inside.subarray(3));
    const expected = list.toSorted((one, other) => one.index - other.index);
    assert.equal(decoded.count, list.length);
    assert.deepEqual(decoded.bytes, bytes);
    assert.deepEqual([...decoded], expected);
    assert.deepEqual([...decoded], expected);
  });

  property(
    'with one bit changed are other changes, or none: OUT_OF_RANGE',
    [changes().filter(({ length }) => length > 0), fc.nat()],
    (list, seed) => {
      const bytes = encodeLeafChanges(list);
      const flipped = flipBit(bytes, seed % (8 * bytes.length));
      const result = resultOf(() => [...createLeafChanges(flipped)]);
      if ('code' in result) assert.equal(result.code, 'OUT_OF_RANGE');
      else assert.deepEqual(encodeLeafChanges(result.value), flipped);
    },
    { runs: 300 },
  );

  it('give the accounts after the batch as rows, and are refused when one empties its leaf', () => {
    const changed = { index: 1, before: ACCOUNT, after: { ...ACCOUNT, nonce: 5 } };
    const rows = accountRowsAfter(createLeafChanges(encodeLeafChanges([CREATED, changed])));
    assert.deepEqual(
      rows,
      encodeAccountRows([
        [CREATED.index, ACCOUNT],
        [1, changed.after],
      ]),
    );
    const emptied = { index: 2, before: ACCOUNT, after: undefined };
    assertCode(() => accountRowsAfter(createLeafChanges(encodeLeafChanges([CREATED, emptied]))), 'OUT_OF_RANGE');
    assert.equal(accountRowsAfter(createLeafChanges(new Uint8Array())).length, 0);
  });

  it('are refused when they were cut: WRONG_LENGTH, at once', () => {
    const bytes = encodeLeafChanges([CREATED]);
    for (const length of [1, CHANGE_BYTES - 1]) {
      const { data } = assertCode(() => createLeafChanges(bytes.subarray(0, length)), 'WRONG_LENGTH');
      assert.equal(data.actual, length);
    }
    assert.deepEqual([...createLeafChanges(new Uint8Array())], []);
  });

  it('are refused out of order, beyond the tree, or with bytes where nothing belongs: OUT_OF_RANGE', () => {
    const bytes = encodeLeafChanges([CREATED]);
    const withBytes = (offset: number, ...values: number[]) => {
      const copy = Uint8Array.from(bytes);
      copy.set(values, offset);
      return copy;
    };
    const twice = Uint8Array.from([...bytes, ...bytes]);
    const descending = Uint8Array.from([...bytes, ...withBytes(3, 2)]);
    const modulus = Array.from({ length: 32 }, (_, at) => Number((FIELD_MODULUS >> BigInt(8 * (31 - at))) & 255n));
    for (const [name, rows] of [
      ['twice', twice],
      ['descending', descending],
      ['beyond the tree', withBytes(0, 1)],
      ['a third flag', withBytes(4, 6)],
      ['first zero', withBytes(5, 1)],
      ['last zero', withBytes(7, 1)],
      ['an account that was not', withBytes(83, 1)],
      ['a key of r', withBytes(84, ...modulus)],
    ] as const) {
      assertCode(() => [...createLeafChanges(rows)], 'OUT_OF_RANGE', name);
    }
    assertCode(() => encodeLeafChanges([CREATED, CREATED]), 'OUT_OF_RANGE');
    assertCode(() => encodeLeafChanges([{ ...CREATED, index: TREE_CAPACITY }]), 'OUT_OF_RANGE');
    assertCode(() => encodeLeafChanges([{ ...CREATED, after: { ...ACCOUNT, nonce: 2 ** 32 } }]), 'OUT_OF_RANGE');
  });
});
