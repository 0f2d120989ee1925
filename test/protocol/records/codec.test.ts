import assert from 'node:assert/strict';
import { decodeRecord, encodeRecord, type RecordFields, wordCountOf } from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { bits, recordFields } from '../../support/property/arbitraries.ts';
import { property } from '../../support/property/property.ts';

/** Field, width and lowest bit, written from docs/protocol.md and not from the code. */
const LAYOUT = [
  ['kind', 4, 120],
  ['from', 32, 88],
  ['to', 32, 56],
  ['amountFloat', 40, 16],
  ['feeFloat', 16, 0],
] as const;

const ZERO: RecordFields = { kind: 0, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };

/** ZERO with one field set; the codec has numbers except for the 40-bit amount. */
const withField = (name: keyof RecordFields, value: bigint): RecordFields => ({
  ...ZERO,
  [name]: name === 'amountFloat' ? value : Number(value),
});

describe('record codec', () => {
  it('fills 124 bits without gap or overlap', () => {
    let covered = 0n;
    for (const [name, width, lowest] of LAYOUT) {
      const field = encodeRecord(withField(name, (1n << BigInt(width)) - 1n));
      assert.equal(field, ((1n << BigInt(width)) - 1n) << BigInt(lowest), name);
      assert.equal(covered & field, 0n, name);
      covered |= field;
    }
    assert.equal(covered, (1n << 124n) - 1n);
  });

  for (const [name, width, lowest] of LAYOUT) {
    it(`puts ${name} at bit ${lowest} and takes ${width} bits`, () => {
      assert.equal(encodeRecord(withField(name, 1n)), 1n << BigInt(lowest));
      assertCode(() => encodeRecord(withField(name, 1n << BigInt(width))), 'OUT_OF_RANGE');
      assertCode(() => encodeRecord(withField(name, -1n)), 'OUT_OF_RANGE');
    });
  }

  it('encodes a record worked out by hand', () => {
    const fields = { kind: 1, from: 0x01020304, to: 0x05060708, amountFloat: 0x090a0b0c0dn, feeFloat: 0x0e0f };
    assert.equal(encodeRecord(fields), 0x1_01020304_05060708_090a0b0c0d_0e0fn);
    assert.deepEqual(decodeRecord(0x1_01020304_05060708_090a0b0c0d_0e0fn), fields);
  });

  it('refuses numbers that are no integers', () => {
    for (const broken of [Number.NaN, 0.5, Number.POSITIVE_INFINITY, 2 ** 53]) {
      assertCode(() => encodeRecord({ ...ZERO, from: broken }), 'OUT_OF_RANGE', String(broken));
    }
  });

  it('refuses to decode more than 124 bits', () => {
    assert.equal(decodeRecord((1n << 124n) - 1n).kind, 15);
    assertCode(() => decodeRecord(1n << 124n), 'OUT_OF_RANGE');
    assertCode(() => decodeRecord(-1n), 'OUT_OF_RANGE');
  });

  property('round-trips records both ways', [recordFields(), bits(124)], (fields, record) => {
    assert.deepEqual(decodeRecord(encodeRecord(fields)), fields);
    assert.equal(encodeRecord(decodeRecord(record)), record);
  });

  property('changes exactly one field when one bit flips, and never two records into one', [bits(124)], (record) => {
    const fields = decodeRecord(record);
    for (let bit = 0; bit < 124; bit += 1) {
      const flipped = decodeRecord(record ^ (1n << BigInt(bit)));
      const [expected] = LAYOUT.find(([, width, lowest]) => bit >= lowest && bit < lowest + width)!;
      const changed = LAYOUT.map(([name]) => name).filter((name) => fields[name] !== flipped[name]);
      assert.deepEqual(changed, [expected], `bit ${bit}`);
    }
  });

  it('has three words for kinds 2 to 5 and 7, and none for all others', () => {
    assert.deepEqual(
      Array.from({ length: 16 }, (_, kind) => wordCountOf(kind)),
      [0, 0, 3, 3, 3, 3, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0],
    );
  });
});
