/** Generated values of the protocol, for properties. They shrink towards 0 and towards less. */

import {
  type Account,
  FIELD_MODULUS,
  type Operation,
  type RecordData,
  type RecordFields,
  wordCountOf,
} from '@quittance/protocol';
import fc from 'fast-check';

/** An unsigned integer of so many bits. */
export const bits = (count: number): fc.Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << BigInt(count)) - 1n });

const integer = (count: number): fc.Arbitrary<number> => bits(count).map(Number);

/** A field element, those at the edges more often. */
export const fieldElement = (): fc.Arbitrary<bigint> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: FIELD_MODULUS - 1n }) },
    { weight: 1, arbitrary: fc.constantFrom(0n, 1n, FIELD_MODULUS - 1n) },
  );

/** A 32-byte secret. */
export const secret = (): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: 32, maxLength: 32 });

/** Fields that fit their places, of any kind or of those given. */
export const recordFields = (kinds: fc.Arbitrary<number> = integer(4)): fc.Arbitrary<RecordFields> =>
  fc.record(
    { kind: kinds, from: integer(32), to: integer(32), amountFloat: bits(40), feeFloat: integer(16) },
    { noNullPrototype: true },
  );

/** A record with as many words as its kind has. */
export const recordData = (kinds?: fc.Arbitrary<number>): fc.Arbitrary<RecordData> =>
  recordFields(kinds).chain((fields) => {
    const length = wordCountOf(fields.kind);
    return fc.array(fieldElement(), { minLength: length, maxLength: length }).map((words) => ({ fields, words }));
  });

/** An account whose fields fill their widths. */
export const account = (): fc.Arbitrary<Account> =>
  fc.record(
    { keyY: fieldElement(), owner: bits(160), tokenId: integer(32), nonce: integer(32), balance: bits(128) },
    { noNullPrototype: true },
  );

/** An operation with or without an authorization, whose words and signature are any 256 bits: such come from L1. */
export const anyOperation = (): fc.Arbitrary<Operation> =>
  fc
    .tuple(
      recordFields(),
      fc.tuple(bits(256), bits(256), bits(256)),
      fc.option(fc.tuple(integer(40), bits(256), bits(256), bits(256), bits(256)), { nil: undefined }),
    )
    .map(([fields, words, authorization]) => {
      const record = { fields, words: words.slice(0, wordCountOf(fields.kind)) };
      if (authorization === undefined) return record;
      const [validUntil, keyX, x, y, s] = authorization;
      return { ...record, authorization: { validUntil, keyX, r8: { x, y }, s } };
    });

/** The seed of a world or of another generator of ours: opaque, so it does not shrink; the sizes beside it do. */
export const worldSeed = (): fc.Arbitrary<number> => fc.noShrink(fc.nat());

/** How many chunks a world runs through. */
export const chunkCount = (): fc.Arbitrary<number> => fc.integer({ min: 1, max: 5 });

/** An even number of slots, enough for a payment with its fee collected. */
export const slotCount = (): fc.Arbitrary<number> => fc.integer({ min: 2, max: 8 }).map((pairs) => 2 * pairs);
