import assert from 'node:assert/strict';
import {
  blocksOf,
  decodeChunkData,
  encodeChunkData,
  type RecordBits,
  type RecordFields,
  recordsOfBlock,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { recordFields } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

const record = (kind: number): RecordBits => ({ fields: { kind, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 } });

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bitsOf = (fields: readonly RecordFields[]) => fields.map((each) => ({ fields: each }));

describe('chunk data', () => {
  it('puts two records into 31 bytes, the even slot’s first', () => {
    const data = encodeChunkData([
      { fields: { kind: 1, from: 0x01020304, to: 0x05060708, amountFloat: 0x090a0b0c0dn, feeFloat: 0x0e0f } },
      { fields: { kind: 6, from: 0xf1f2f3f4, to: 0xf5f6f7f8, amountFloat: 0xf9fafbfcfdn, feeFloat: 0xfeff } },
    ]);
    assert.equal(hex(data), `${'10102030405060708090a0b0c0d0e0f'}${'6f1f2f3f4f5f6f7f8f9fafbfcfdfeff'}`);
  });

  it('takes 15.5 bytes a slot, whether or not its record has words', () => {
    for (const kind of [1, 4, 7]) {
      assert.equal(encodeChunkData(Array.from({ length: 124 }, () => record(kind))).length, 124 * 15.5);
    }
  });

  it('is its blocks, 248 bits each', () => {
    const records = [1, 4, 7, 15].map(record);
    const data = hex(encodeChunkData(records));
    assert.deepEqual(
      blocksOf(records),
      [data.slice(0, 62), data.slice(62)].map((block) => BigInt(`0x${block}`)),
    );
    assert.deepEqual(bitsOf(blocksOf(records).flatMap(recordsOfBlock)), records);
    assertCode(() => recordsOfBlock(1n << 248n), 'OUT_OF_RANGE');
  });

  it('refuses an odd number of slots and none', () => {
    assertCode(() => encodeChunkData([record(0)]), 'CHUNK_SIZE');
    assertCode(() => encodeChunkData([]), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(31), 1), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(0), 0), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(31), -2), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(31), Number.NaN), 'CHUNK_SIZE');
  });

  for (const [name, cut] of [
    ['one byte too short', (data: Uint8Array) => data.slice(0, -1)],
    ['one byte too long', (data: Uint8Array) => Uint8Array.from([...data, 0])],
    ['one word too long', (data: Uint8Array) => Uint8Array.from([...data, ...new Uint8Array(32)])],
    ['one block short', (data: Uint8Array) => data.slice(31)],
    ['one block too long', (data: Uint8Array) => Uint8Array.from([...data, ...data.slice(0, 31)])],
    ['empty', () => new Uint8Array(0)],
  ] as const) {
    it(`refuses data that is ${name}`, () => {
      const data = encodeChunkData([1, 4, 0, 0].map(record));
      assertCode(() => decodeChunkData(cut(data), 4), 'WRONG_LENGTH');
    });
  }

  const pairs = fc.array(fc.tuple(recordFields(), recordFields()), { minLength: 1, maxLength: 8 });

  property('round-trips chunks of all kinds, reserved ones included', [pairs], (records) => {
    assert.deepEqual(decodeChunkData(encodeChunkData(bitsOf(records.flat())), 2 * records.length), records.flat());
  });

  property(
    'decodes to other records when any one bit flips',
    [fc.array(recordFields(), { minLength: 4, maxLength: 4 })],
    (records) => {
      const data = encodeChunkData(bitsOf(records));
      for (let bit = 0; bit < 8 * data.length; bit += 1) {
        const flipped = data.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const decoded = decodeChunkData(flipped, 4);
        assert.equal(decoded.filter((fields, slot) => hexOf(fields) !== hexOf(records[slot]!)).length, 1, `bit ${bit}`);
        assert.deepEqual(encodeChunkData(bitsOf(decoded)), flipped, `bit ${bit}`);
      }
    },
    { runs: 3 },
  );
});

const hexOf = (fields: RecordFields) => Object.values(fields).join();
