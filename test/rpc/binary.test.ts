import assert from 'node:assert/strict';
import {
  type Authorization,
  OPERATION_BYTES,
  type Operation,
  packOperation,
  RecordKind,
  readOperation,
  viewOf,
  wordCountOf,
} from '@quittance/protocol';
import {
  BINARY_HEADER_BYTES,
  decodeBinaryList,
  encodeBinaryList,
  MAX_BINARY_BYTES,
  MAX_TRANSFERS,
} from '@quittance/rpc';
import fc from 'fast-check';
import { property } from '../support/property/property.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const AUTHORIZATION: Authorization = { validUntil: 2 ** 39 + 5, keyX: 11n, r8: { x: 12n, y: 13n }, s: 14n };
const MOVE: Operation = {
  fields: { kind: RecordKind.move, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 },
  words: [5n, 6n, 7n],
  authorization: AUTHORIZATION,
};
const DOMAIN = 2n ** 250n + 9n;

const unsigned = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const small = (bits: number) => unsigned(bits).map(Number);
const transfer = fc
  .record({
    kind: fc.constantFrom(1, 2, 3, 7),
    from: small(32),
    to: small(32),
    amountFloat: unsigned(40),
    feeFloat: small(16),
    words: fc.array(unsigned(256), { minLength: 3, maxLength: 3 }),
    validUntil: small(40),
    signature: fc.array(unsigned(256), { minLength: 4, maxLength: 4 }),
    nonce: small(32),
  })
  .map(({ words, validUntil, signature, nonce, ...fields }) => {
    const [keyX, x, y, s] = signature as [bigint, bigint, bigint, bigint];
    const authorization = { validUntil, keyX, r8: { x, y }, s };
    return { nonce, operation: { fields, words: words.slice(0, wordCountOf(fields.kind)), authorization } };
  });

/** A list of one, with these bytes changed. */
function changed(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = encodeBinaryList(DOMAIN, [{ operation: MOVE, nonce: 7 }]);
  change(bytes);
  return bytes;
}

describe('lists of transfers as bytes', () => {
  property(
    'are read as they were written',
    [unsigned(256), fc.array(transfer, { minLength: 1, maxLength: 5 })],
    (domain, transfers) => {
      const list = decodeBinaryList(encodeBinaryList(domain, transfers));
      assert.equal(list.domain, domain);
      const read = list.transfers.map(({ bytes, nonce }) => ({ nonce, operation: readOperation(viewOf(bytes), 0) }));
      assert.deepEqual(read, transfers);
    },
  );

  it('give operations in the bytes that engines take', () => {
    const { transfers } = decodeBinaryList(changed(() => undefined));
    assert.deepEqual(transfers[0]!.bytes, packOperation(MOVE));
  });

  it('hold up to as many transfers as a call of JSON', () => {
    const transfers = Array<{ operation: Operation; nonce: number }>(MAX_TRANSFERS).fill({ operation: MOVE, nonce: 1 });
    const bytes = encodeBinaryList(DOMAIN, transfers);
    assert.equal(bytes.length, MAX_BINARY_BYTES);
    assert.equal(decodeBinaryList(bytes).transfers.length, MAX_TRANSFERS);
    assert.throws(() => encodeBinaryList(DOMAIN, [...transfers, transfers[0]!]), { code: 'OUT_OF_RANGE' });
    assert.throws(() => encodeBinaryList(DOMAIN, []), { code: 'OUT_OF_RANGE' });
  });

  for (const [what, bytes, code] of [
    ['nothing', new Uint8Array(), 'WRONG_LENGTH'],
    ['less than a header', new Uint8Array(BINARY_HEADER_BYTES - 1), 'WRONG_LENGTH'],
    ['another format', changed((bytes) => bytes.set([0x32], 3)), 'OUT_OF_RANGE'],
    ['no transfers', changed((bytes) => bytes.set([0], 4)).subarray(0, BINARY_HEADER_BYTES), 'OUT_OF_RANGE'],
    ['too many transfers', changed((bytes) => bytes.set([0xe9, 3], 4)), 'OUT_OF_RANGE'],
    ['fewer transfers than it says', changed((bytes) => bytes.set([2], 4)), 'WRONG_LENGTH'],
    ['a byte less', changed(() => undefined).subarray(0, -1), 'WRONG_LENGTH'],
    ['a byte more', new Uint8Array([...changed(() => undefined), 0]), 'WRONG_LENGTH'],
    ['something where nothing belongs', changed((bytes) => bytes.set([1], 31)), 'OUT_OF_RANGE'],
  ] as const) {
    it(`are refused when there is ${what}`, () => {
      assert.throws(() => decodeBinaryList(bytes), { code });
    });
  }

  it('cannot say a nonce that is wider than its place', () => {
    const list = [{ operation: MOVE, nonce: 2 ** 32 }];
    assert.throws(() => encodeBinaryList(DOMAIN, list), { code: 'OUT_OF_RANGE' });
    assert.throws(() => encodeBinaryList(2n ** 256n, [{ operation: MOVE, nonce: 0 }]), { code: 'OUT_OF_RANGE' });
  });

  it('have the places that docs/rpc.md lists', () => {
    const [header, item] = tablesOf(sectionOf(readDocument('docs/rpc.md'), 'Lists as bytes')) as [
      string[][],
      string[][],
    ];
    const nonce = 0x01020304;
    const bytes = encodeBinaryList(DOMAIN, [
      { operation: MOVE, nonce },
      { operation: MOVE, nonce: 0 },
    ]);
    const read = (offset: number, count: number) => Buffer.from(bytes.subarray(offset, offset + count));
    const little = (value: bigint, count: number) =>
      Buffer.from(value.toString(16).padStart(2 * count, '0'), 'hex').reverse();
    const expected: Record<string, Buffer> = {
      QTL1: Buffer.from('QTL1'),
      n: little(2n, 4),
      domain: little(DOMAIN, 32),
      record: Buffer.from(packOperation(MOVE).subarray(0, 16)),
      validUntil: little(BigInt(AUTHORIZATION.validUntil), 5),
      nonce: little(BigInt(nonce), 4),
      'w0, w1, w2': Buffer.concat([5n, 6n, 7n].map((word) => little(word, 32))),
      'keyX, R8.x, R8.y, S': Buffer.concat([11n, 12n, 13n, 14n].map((value) => little(value, 32))),
      '0': Buffer.alloc(32),
      '1': Buffer.from([1]),
    };
    let compared = 0;
    const compare = (rows: string[][], base: number, end: number) => {
      let next = base;
      for (const [offset, count, content] of rows) {
        assert.equal(base + Number(offset), next, content);
        const name = content!.split(/[:;]/)[0]!;
        if (name in expected) {
          const value = expected[name]!.subarray(0, Number(count));
          assert.deepEqual(read(next, Number(count)), value, name);
          compared += 1;
        }
        next += Number(count!.replace('·n', '')) * (count!.endsWith('·n') ? 2 : 1);
      }
      assert.equal(next, end);
    };
    compare(header, 0, bytes.length);
    compare(item, BINARY_HEADER_BYTES, BINARY_HEADER_BYTES + OPERATION_BYTES);
    assert.equal(compared, 11);
  });
});
