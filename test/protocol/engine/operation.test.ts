import assert from 'node:assert/strict';
import {
  encodeRecord,
  NOOP,
  OPERATION_BYTES,
  type Operation,
  packOperation,
  packOperations,
  readWord,
  unpackOperation,
  unpackOperations,
  viewOf,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { anyOperation } from '../../support/property/arbitraries.ts';
import { flipBit, resultOf } from '../../support/property/flip.ts';
import { property } from '../../support/property/property.ts';
import { deposit, transfer, withdraw } from '../../support/rollup/scene.ts';

const numberAt = (bytes: Uint8Array, offset: number, count: number) =>
  bytes.slice(offset, offset + count).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

/** `bytes` with some of them replaced. */
const withBytes = (bytes: Uint8Array, offset: number, ...changed: number[]) => {
  const copy = Uint8Array.from(bytes);
  copy.set(changed, offset);
  return copy;
};

describe('a packed operation', () => {
  it('has record, authorization and words where the table says', () => {
    const operation = withdraw({ validUntil: 0x0102030405 });
    const bytes = packOperation(operation);
    const { validUntil, keyX, r8, s } = operation.authorization!;
    assert.equal(bytes.length, OPERATION_BYTES);
    assert.equal(numberAt(bytes, 0, 16), encodeRecord(operation.fields));
    assert.equal(numberAt(bytes, 16, 1), 1n);
    assert.equal(numberAt(bytes, 17, 5), BigInt(validUntil));
    assert.equal(numberAt(bytes, 22, 10), 0n);
    const words = [...operation.words, keyX, r8.x, r8.y, s];
    for (const [position, word] of words.entries()) {
      assert.equal(numberAt(bytes, 32 + 32 * position, 32), word, `word ${position}`);
      assert.equal(readWord(viewOf(bytes), 32 + 32 * position), word, `word ${position}`);
    }
    assert.deepEqual(packOperation(NOOP), new Uint8Array(OPERATION_BYTES));
  });

  property('gives back any operation, its record as it is encoded', [anyOperation()], (operation) => {
    const bytes = packOperation(operation);
    assert.equal(numberAt(bytes, 0, 16), encodeRecord(operation.fields));
    assert.deepEqual(unpackOperation(bytes), operation);
  });

  property('gives back a list, wherever its bytes lie', [fc.array(anyOperation(), { maxLength: 5 })], (operations) => {
    const bytes = packOperations(operations);
    const inside = new Uint8Array(bytes.length + 5);
    inside.set(bytes, 5);
    assert.deepEqual(unpackOperations(inside.subarray(5)), operations);
  });

  property(
    'with one bit changed is another operation, or none: OUT_OF_RANGE',
    [anyOperation(), fc.nat(8 * OPERATION_BYTES - 1)],
    (operation, bit) => {
      const flipped = flipBit(packOperation(operation), bit);
      const result = resultOf(() => unpackOperation(flipped));
      if ('code' in result) assert.equal(result.code, 'OUT_OF_RANGE');
      else assert.deepEqual(packOperation(result.value), flipped);
    },
    { runs: 500 },
  );

  it('is refused with a byte where nothing belongs: OUT_OF_RANGE', () => {
    const signed = packOperation(transfer());
    const unsigned = packOperation(deposit());
    for (const [name, bytes] of [
      ['a record of 125 bits', withBytes(signed, 15, 0x11)],
      ['a third kind of authorization', withBytes(signed, 16, 2)],
      ['zeros, first', withBytes(signed, 22, 1)],
      ['zeros, last', withBytes(signed, 31, 1)],
      ['a word without words, first', withBytes(signed, 32, 1)],
      ['a word without words, last', withBytes(signed, 127, 1)],
      ['validUntil without authorization', withBytes(unsigned, 21, 1)],
      ['a key without authorization', withBytes(unsigned, 128, 1)],
      ['S without authorization', withBytes(unsigned, 255, 1)],
    ] as const) {
      assertCode(() => unpackOperation(bytes), 'OUT_OF_RANGE', name);
    }
    assert.deepEqual(unpackOperation(signed), transfer());
    assert.deepEqual(unpackOperation(unsigned), deposit());
  });

  it('is refused with another length: WRONG_LENGTH', () => {
    const bytes = packOperations([NOOP, NOOP]);
    for (const length of [0, 255, 257, 512]) {
      const { data } = assertCode(() => unpackOperation(bytes.subarray(0, length)), 'WRONG_LENGTH');
      assert.deepEqual([data.expected, data.actual], [OPERATION_BYTES, Math.min(length, 512)]);
    }
    assertCode(() => unpackOperations(bytes.subarray(1)), 'WRONG_LENGTH');
    assert.deepEqual(unpackOperations(new Uint8Array()), []);
  });

  it('is not made of what has no place in it', () => {
    const operation = transfer();
    const withFields = (fields: Partial<Operation['fields']>) => ({
      ...operation,
      fields: { ...operation.fields, ...fields },
    });
    const withAuthorization = (changes: Partial<NonNullable<Operation['authorization']>>) => ({
      ...operation,
      authorization: { ...operation.authorization!, ...changes },
    });
    for (const wide of [
      withFields({ kind: 16 }),
      withFields({ from: 2 ** 32 }),
      withFields({ to: -1 }),
      withFields({ amountFloat: 1n << 40n }),
      withFields({ feeFloat: 2 ** 16 }),
      withAuthorization({ validUntil: 2 ** 40 }),
      withAuthorization({ keyX: 1n << 256n }),
      withAuthorization({ r8: { x: 0n, y: 1n << 256n } }),
      withAuthorization({ s: -1n }),
      deposit({}, [1n << 256n, 0n, 0n]),
    ]) {
      assertCode(() => packOperation(wide), 'OUT_OF_RANGE');
    }
    assertCode(() => packOperation({ ...operation, words: [0n] }), 'WRONG_LENGTH');
    assertCode(() => packOperation(deposit({}, [0n, 0n])), 'WRONG_LENGTH');
  });
});
