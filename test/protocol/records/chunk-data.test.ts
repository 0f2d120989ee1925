import assert from 'node:assert/strict';
import { decodeChunkData, encodeChunkData, FIELD_MODULUS, type RecordData } from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { recordData } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

const record = (kind: number, words: readonly bigint[] = []): RecordData => ({
  fields: { kind, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 },
  words,
});

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('chunk data', () => {
  it('puts two records into 31 bytes, the even slot’s first', () => {
    const data = encodeChunkData([
      {
        fields: { kind: 1, from: 0x01020304, to: 0x05060708, amountFloat: 0x090a0b0c0dn, feeFloat: 0x0e0f },
        words: [],
      },
      {
        fields: { kind: 6, from: 0xf1f2f3f4, to: 0xf5f6f7f8, amountFloat: 0xf9fafbfcfdn, feeFloat: 0xfeff },
        words: [],
      },
    ]);
    assert.equal(hex(data), `${'10102030405060708090a0b0c0d0e0f'}${'6f1f2f3f4f5f6f7f8f9fafbfcfdfeff'}`);
  });

  it('puts the words of all slots after all records, 32 bytes each, in order', () => {
    const words = [1n, 2n, 3n];
    const data = encodeChunkData([record(1), record(4, words), record(5, [4n, 5n, 6n]), record(0)]);
    assert.equal(data.length, 2 * 31 + 6 * 32);
    for (let position = 0; position < 6; position += 1) {
      const word = data.slice(62 + 32 * position, 62 + 32 * (position + 1));
      assert.equal(BigInt(`0x${hex(word)}`), BigInt(position + 1));
    }
  });

  it('takes 15.5 bytes of a slot without words', () => {
    assert.equal(encodeChunkData(Array.from({ length: 124 }, () => record(1))).length, 124 * 15.5);
  });

  it('refuses an odd number of slots and none', () => {
    assertCode(() => encodeChunkData([record(0)]), 'CHUNK_SIZE');
    assertCode(() => encodeChunkData([]), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(31), 1), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(0), 0), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(31), -2), 'CHUNK_SIZE');
    assertCode(() => decodeChunkData(new Uint8Array(31), Number.NaN), 'CHUNK_SIZE');
  });

  it('refuses to encode a wrong number of words or a word that is no field element', () => {
    assertCode(() => encodeChunkData([record(1, [1n]), record(0)]), 'WORD_COUNT');
    assertCode(() => encodeChunkData([record(4, [1n, 2n]), record(0)]), 'WORD_COUNT');
    assertCode(() => encodeChunkData([record(4, [1n, 2n, 3n, 4n]), record(0)]), 'WORD_COUNT');
    assertCode(() => encodeChunkData([record(4, [FIELD_MODULUS, 0n, 0n]), record(0)]), 'OUT_OF_RANGE');
    assertCode(() => encodeChunkData([record(4, [0n, 0n, -1n]), record(0)]), 'OUT_OF_RANGE');
    encodeChunkData([record(4, [FIELD_MODULUS - 1n, 0n, 0n]), record(0)]);
  });

  it('refuses to decode a word of r or more', () => {
    const data = encodeChunkData([record(3, [0n, 0n, FIELD_MODULUS - 1n]), record(0)]);
    assert.equal(decodeChunkData(data, 2)[0]!.words[2], FIELD_MODULUS - 1n);
    data[data.length - 1]! += 1;
    assertCode(() => decodeChunkData(data, 2), 'OUT_OF_RANGE');
  });

  for (const [name, cut] of [
    ['one byte too short', (data: Uint8Array) => data.slice(0, -1)],
    ['one byte too long', (data: Uint8Array) => Uint8Array.from([...data, 0])],
    ['one word too short', (data: Uint8Array) => data.slice(0, -32)],
    ['one word too long', (data: Uint8Array) => Uint8Array.from([...data, ...new Uint8Array(32)])],
    ['one block short', (data: Uint8Array) => data.slice(31)],
    ['empty', () => new Uint8Array(0)],
  ] as const) {
    it(`refuses data that is ${name}`, () => {
      const data = encodeChunkData([record(1), record(4, [1n, 2n, 3n]), record(0), record(0)]);
      assertCode(() => decodeChunkData(cut(data), 4), 'WRONG_LENGTH');
    });
  }

  const pairs = fc.array(fc.tuple(recordData(), recordData()), { minLength: 1, maxLength: 8 });

  property('round-trips chunks of all kinds, reserved ones included', [pairs], (records) => {
    assert.deepEqual(decodeChunkData(encodeChunkData(records.flat()), 2 * records.length), records.flat());
  });

  const four = fc.tuple(...[2, 1, 5, 6].map((kind) => recordData(fc.constant(kind))));

  property(
    'decodes to other records, or not at all, when any one bit flips',
    [four],
    (records) => {
      const data = encodeChunkData(records);
      for (let bit = 0; bit < 8 * data.length; bit += 1) {
        const flipped = data.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        let decoded: RecordData[] | undefined;
        try {
          decoded = decodeChunkData(flipped, 4);
        } catch {
          continue; // refused
        }
        assert.notDeepEqual(decoded, records, `bit ${bit}`);
        assert.deepEqual(encodeChunkData(decoded), flipped, `bit ${bit}`);
      }
    },
    { runs: 3 },
  );
});
