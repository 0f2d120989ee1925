import assert from 'node:assert/strict';
import {
  type AuthorizedRecord,
  decodeBlob,
  decodeEvaluationBlobs,
  elementPlace,
  encodeBlob,
  encodeEvaluationBlobs,
  encodeRecord,
  evaluationBlobCount,
  isSignedKind,
  openedElementCount,
  PROFILES,
  type RecordFields,
  recordOfElements,
} from '@quittance/protocol';
import fc from 'fast-check';
import { assertCode } from '../../support/assertions.ts';
import { bits, recordFields } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

const AUTHORIZATION = Uint8Array.from({ length: 69 }, (_, position) => position + 1);
const NONE = new Uint8Array();
const fieldsOf = (kind: number): RecordFields => ({ kind, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 });
const authorized = (kind: number, authorization = AUTHORIZATION): AuthorizedRecord => ({
  fields: fieldsOf(kind),
  authorization: isSignedKind(kind) ? authorization : NONE,
});
/** What the record 15·2^120 says. */
const UNREADABLE: RecordFields = { kind: 15, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };

/** The three elements of one record. */
const elementsOf = (record: AuthorizedRecord) => decodeBlob(encodeEvaluationBlobs([record])[0]!).slice(0, 3);

const someRecords = fc.array(
  fc.tuple(recordFields(), fc.uint8Array({ minLength: 69, maxLength: 69 })).map(([fields, bytes]) => ({
    fields,
    authorization: isSignedKind(fields.kind) ? bytes : NONE,
  })),
  { minLength: 1, maxLength: 40 },
);

describe('evaluation blobs', () => {
  it('have record, authorization and 8 zeros of each slot in 31 bytes an element', () => {
    const [first, second, third] = elementsOf(authorized(1)).map((element) => element.toString(16).padStart(64, '0'));
    const record = encodeRecord(fieldsOf(1)).toString(16).padStart(32, '0');
    const signature = Buffer.from(AUTHORIZATION).toString('hex');
    const all = `${record}${signature}${'00'.repeat(8)}`;
    assert.equal(first, `00${all.slice(0, 62)}`);
    assert.equal(second, `00${all.slice(62, 124)}`);
    assert.equal(third, `00${all.slice(124)}`);
  });

  property(
    'give the records again, by chunk',
    [someRecords, fc.integer({ min: 1, max: 3 })],
    (records, count) => {
      const chunks = Array.from({ length: count }, () => records);
      const blobs = encodeEvaluationBlobs(chunks.flat());
      assert.deepEqual(decodeEvaluationBlobs(blobs, count, records.length), chunks);
    },
    { runs: 5 },
  );

  it('hold 1,365 slots each, the last element of each being left over', () => {
    assert.deepEqual(
      [1, 1_365, 1_366, 6 * 1_365].map((slots) => evaluationBlobCount(1, slots)),
      [1, 1, 2, 6],
    );
    assertCode(() => evaluationBlobCount(1, 6 * 1_365 + 1), 'CHUNK_SIZE');
    for (const [count, slots] of [
      [0, 2],
      [1, 0],
      [-1, 2],
      [Number.NaN, 2],
      [0.5, 2],
      [-1, -2],
    ] as const) {
      assertCode(() => evaluationBlobCount(count, slots), 'CHUNK_SIZE', `${count}, ${slots}`);
    }
    for (const { slotsPerChunk, maxChunks } of Object.values(PROFILES)) evaluationBlobCount(maxChunks, slotsPerChunk);
    assert.deepEqual([0, 1, 1_364, 1_365, 2 * 1_365 - 1].map(elementPlace), [
      { blob: 0, element: 0 },
      { blob: 0, element: 3 },
      { blob: 0, element: 4_092 },
      { blob: 1, element: 0 },
      { blob: 1, element: 4_092 },
    ]);
    const records = [...Array<AuthorizedRecord>(1_365).fill(authorized(0)), authorized(7)];
    const blobs = encodeEvaluationBlobs(records);
    assert.deepEqual(decodeBlob(blobs[1]!).slice(0, 3), elementsOf(authorized(7)));
    assert.equal(decodeBlob(blobs[0]!)[4_095], 0n);
    assert.deepEqual(decodeEvaluationBlobs(blobs, 1, 1_366)[0]!.at(-1), authorized(7));
  });

  it('are refused in another number, in another size, and when they are none', () => {
    const blobs = encodeEvaluationBlobs([authorized(0), authorized(1)]);
    assertCode(() => decodeEvaluationBlobs([], 1, 2), 'WRONG_LENGTH');
    assertCode(() => decodeEvaluationBlobs([...blobs, ...blobs], 1, 2), 'WRONG_LENGTH');
    assertCode(() => decodeEvaluationBlobs(blobs, 1, 1_366), 'WRONG_LENGTH');
    assertCode(() => decodeEvaluationBlobs([blobs[0]!.slice(1)], 1, 2), 'WRONG_LENGTH');
    assertCode(() => decodeEvaluationBlobs([blobs[0]!.with(0, 0xff)], 1, 2), 'BLOB_ELEMENT_RANGE');
  });

  it('do not exist for a signed record without 69 bytes, nor for another record with any', () => {
    for (const kind of [1, 2, 3, 7]) {
      for (const length of [0, 68, 70]) {
        const record = { fields: fieldsOf(kind), authorization: new Uint8Array(length) };
        assertCode(() => encodeEvaluationBlobs([record]), 'WRONG_LENGTH', `${kind}, ${length}`);
      }
    }
    for (const kind of [0, 4, 5, 6, 8]) {
      assertCode(
        () => encodeEvaluationBlobs([{ fields: fieldsOf(kind), authorization: AUTHORIZATION }]),
        'WRONG_LENGTH',
      );
    }
    assertCode(() => encodeEvaluationBlobs([]), 'CHUNK_SIZE');
  });
});

describe('reading the elements of a slot', () => {
  const HIGH = 1n << 248n;
  /** The lowest bit of the record in the first element: 15 bytes stand behind it. */
  const RECORD_SHIFT = 120n;

  it('takes a first element of more than 248 bits for kind 15', () => {
    for (let bit = 248n; bit < 255n; bit += 1n) {
      for (const kind of [0, 1, 4]) {
        const elements = elementsOf(authorized(kind));
        const read = recordOfElements(elements.with(0, elements[0]! | (1n << bit)));
        assert.deepEqual(read, { fields: UNREADABLE, authorization: NONE });
      }
    }
    assert.equal(encodeRecord(UNREADABLE), 15n << 120n);
  });

  it('takes a record with one of the 4 bits above it for kind 15', () => {
    const elements = elementsOf(authorized(1));
    for (let bit = 124n; bit < 128n; bit += 1n) {
      const read = recordOfElements(elements.with(0, elements[0]! | (1n << (RECORD_SHIFT + bit))));
      assert.deepEqual(read, { fields: UNREADABLE, authorization: NONE });
    }
  });

  it('takes the record with every other bit of it flipped', () => {
    const elements = elementsOf(authorized(1));
    for (let bit = 0n; bit < 124n; bit += 1n) {
      const { fields } = recordOfElements(elements.with(0, elements[0]! ^ (1n << (RECORD_SHIFT + bit))));
      assert.equal(encodeRecord(fields), encodeRecord(fieldsOf(1)) ^ (1n << bit), String(bit));
    }
  });

  it('finds no authorization of a signed record with another element of more than 248 bits', () => {
    for (const kind of [1, 2, 3, 7]) {
      const elements = elementsOf(authorized(kind));
      assert.deepEqual(recordOfElements(elements), authorized(kind));
      for (const position of [1, 2]) {
        for (const changed of [elements[position]! + HIGH, HIGH, (1n << 255n) - 1n]) {
          const read = recordOfElements(elements.with(position, changed));
          assert.deepEqual(read, { fields: fieldsOf(kind), authorization: NONE });
        }
      }
    }
  });

  it('minds neither the elements behind a record that is not signed nor the last 8 bytes of any', () => {
    for (const kind of [0, 4, 5, 6, 8, 15]) {
      const [first] = elementsOf(authorized(kind));
      const read = recordOfElements([first! | 0xffn, HIGH, (1n << 255n) - 1n]);
      assert.deepEqual(read, { fields: fieldsOf(kind), authorization: NONE });
    }
    const elements = elementsOf(authorized(3));
    const filled = elements.with(2, elements[2]! | (2n ** 64n - 1n));
    assert.deepEqual(recordOfElements(filled), authorized(3));
  });

  it('has each of the 552 bits of an authorization at its place', () => {
    const elements = elementsOf(authorized(2));
    const all = elements.reduce((sum, element) => (sum << 248n) | element, 0n);
    for (let bit = 0; bit < 552; bit += 1) {
      const changed = all ^ (1n << BigInt(64 + bit));
      const mask = (1n << 248n) - 1n;
      const { authorization } = recordOfElements([changed >> 496n, (changed >> 248n) & mask, changed & mask]);
      const place = 68 - (bit >> 3);
      const expected = AUTHORIZATION.with(place, AUTHORIZATION[place]! ^ (1 << (bit & 7)));
      assert.deepEqual(authorization, expected, String(bit));
    }
  });

  it('opens three elements of a signed record and one of any other', () => {
    const counts = Array.from({ length: 16 }, (_, kind) => openedElementCount({ fields: fieldsOf(kind) }));
    assert.deepEqual(counts, [1, 3, 3, 3, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  property(
    'never throws, whatever stands in a blob',
    [bits(254), bits(254), bits(254)],
    (...elements) => {
      const { fields, authorization } = recordOfElements(elements);
      encodeRecord(fields);
      assert.ok(authorization.length === 0 || (authorization.length === 69 && isSignedKind(fields.kind)));
      const [read] = decodeEvaluationBlobs([encodeBlob([...elements, ...Array<bigint>(4_093).fill(0n)])], 1, 1);
      assert.deepEqual(read, [{ fields, authorization }]);
    },
    { runs: 10 },
  );
});
