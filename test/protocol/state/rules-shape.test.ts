import assert from 'node:assert/strict';
import { FIELD_MODULUS, type Operation, TREE_CAPACITY } from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import {
  assertInvalid,
  assertValid,
  collectFee,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  move,
  NEWCOMER,
  outcomeOf,
  ownerAndToken,
  transfer,
  transferToNew,
  unsigned,
  withdraw,
} from '../../support/rollup/scene.ts';

/** One valid operation of each kind. */
const VALID: Readonly<Record<number, Operation>> = {
  0: unsigned(0),
  1: transfer(),
  2: transferToNew(),
  3: withdraw(),
  4: deposit(),
  5: forcedExit(),
  6: collectFee(),
  7: move(),
};

const FIELD_BITS = { from: 32, to: 32, amountFloat: 40, feeFloat: 16 } as const;
type Field = keyof typeof FIELD_BITS;

/** The fields shown as – in docs/protocol.md. */
const UNUSED: Readonly<Record<number, readonly Field[]>> = {
  0: ['from', 'to', 'amountFloat', 'feeFloat'],
  1: [],
  2: [],
  3: ['to'],
  4: ['from', 'amountFloat', 'feeFloat'],
  5: ['to', 'amountFloat', 'feeFloat'],
  6: ['from', 'amountFloat', 'feeFloat'],
  7: [],
};

const withField = (operation: Operation, field: Field, value: bigint): Operation => ({
  ...operation,
  fields: { ...operation.fields, [field]: field === 'amountFloat' ? value : Number(value) },
});

const withWord = (operation: Operation, position: number, word: bigint): Operation => ({
  ...operation,
  words: operation.words.map((old, index) => (index === position ? word : old)),
});

describe('a valid record of each kind', () => {
  for (const [kind, operation] of Object.entries(VALID)) {
    it(`of kind ${kind} is accepted`, () => {
      assertValid(operation);
    });
  }
});

describe('RESERVED_KIND', () => {
  for (let kind = 8; kind <= 15; kind += 1) {
    it(`rejects kind ${kind}`, () => assertInvalid(unsigned(kind), 'RESERVED_KIND'));
  }

  it('comes before every other rule', () => {
    const everything = unsigned(8, { from: 2 ** 32 - 1, to: 2 ** 32 - 1, amountFloat: 1n, feeFloat: 1 }, [
      FIELD_MODULUS,
    ]);
    assertInvalid(everything, 'RESERVED_KIND');
  });
});

describe('NONZERO_FIELD', () => {
  for (const [kind, fields] of Object.entries(UNUSED)) {
    for (const field of fields) {
      it(`rejects kind ${kind} with any one bit of ${field} set`, () => {
        const operation = VALID[Number(kind)]!;
        for (let bit = 0; bit < FIELD_BITS[field]; bit += 1) {
          const broken = withField(operation, field, 1n << BigInt(bit));
          const outcome = outcomeOf(broken);
          assert.equal(outcome.valid ? 'valid' : outcome.invalid.code, 'NONZERO_FIELD', `bit ${bit}`);
        }
        assertInvalid(withField(operation, field, 1n), 'NONZERO_FIELD');
      });
    }
  }
});

describe('WORD_COUNT', () => {
  for (const kind of [0, 1, 6]) {
    it(`rejects kind ${kind} with one word or three`, () => {
      const operation = VALID[kind]!;
      assertInvalid({ ...operation, words: [0n] }, 'WORD_COUNT');
      assertInvalid({ ...operation, words: [0n, 0n, 0n] }, 'WORD_COUNT');
    });
  }

  for (const kind of [2, 3, 4, 5, 7]) {
    it(`rejects kind ${kind} with none, two or four words`, () => {
      const operation = VALID[kind]!;
      assertInvalid({ ...operation, words: [] }, 'WORD_COUNT');
      assertInvalid({ ...operation, words: operation.words.slice(0, 2) }, 'WORD_COUNT');
      assertInvalid({ ...operation, words: [...operation.words, 0n] }, 'WORD_COUNT');
    });
  }
});

describe('INDEX_RANGE', () => {
  for (const [kind, field] of [
    [1, 'from'],
    [1, 'to'],
    [2, 'from'],
    [2, 'to'],
    [3, 'from'],
    [4, 'to'],
    [5, 'from'],
    [6, 'to'],
    [7, 'from'],
    [7, 'to'],
  ] as const) {
    it(`rejects kind ${kind} whose ${field} is 4^12 or more`, () => {
      const operation = VALID[kind]!;
      for (const index of [TREE_CAPACITY, TREE_CAPACITY + INDEX.alice, 2 ** 31, 2 ** 32 - 1]) {
        assertInvalid(withField(operation, field, BigInt(index)), 'INDEX_RANGE');
      }
    });
  }

  it('accepts the last leaf, 4^12 − 1', () => {
    assertValid(transferToNew({ to: TREE_CAPACITY - 2 }));
    assertValid(transferToNew({ signer: 'dave' }));
    assertValid(deposit({ to: TREE_CAPACITY - 2 }));
    // A destination is no leaf, but has the width of one.
    assertValid(move({ to: TREE_CAPACITY - 1 }));
    assertValid(forcedExit({ from: TREE_CAPACITY - 1 }, [0n, ownerAndToken('dave'), 1_000n]));
  });
});

describe('WORD_RANGE', () => {
  const [w0, w1] = [NEWCOMER.keyY, NEWCOMER.owner];

  for (const kind of [2, 3, 4, 5, 7]) {
    it(`rejects kind ${kind} with a word of r or more, or negative`, () => {
      for (const position of [0, 1, 2]) {
        for (const word of [FIELD_MODULUS, FIELD_MODULUS + 1n, 2n ** 256n - 1n, -1n]) {
          assertInvalid(withWord(VALID[kind]!, position, word), 'WORD_RANGE');
        }
      }
    });
  }

  it('takes key and owner of kind 2 up to r − 1 and 2^160 − 1, and refuses what lies beyond', () => {
    assertValid(transferToNew({ words: [FIELD_MODULUS - 1n, 2n ** 160n - 1n, 0n] }));
    assertInvalid(transferToNew({ words: [w0, 2n ** 160n, 0n] }), 'WORD_RANGE');
    assertInvalid(transferToNew({ words: [w0, w1, 1n] }), 'WORD_RANGE');
  });

  it('takes only 0 as the first word of kinds 3 and 5', () => {
    assertInvalid(withdraw({ words: [1n, ownerAndToken('alice'), 100n] }), 'WORD_RANGE');
    assertInvalid(forcedExit({}, [1n, ownerAndToken('alice'), 1_000n]), 'WORD_RANGE');
  });

  it('takes any field element as the first word of kind 7', () => {
    for (const keyY of [0n, 1n, FIELD_MODULUS - 1n]) {
      assertValid(move({ words: [keyY, ownerAndToken('alice'), 100n] }));
    }
  });

  it('leaves the second word of kinds 3, 5 and 7 to the rules that follow', () => {
    assertInvalid(move({ words: [1n, FIELD_MODULUS - 1n, 100n] }), 'WITHDRAWAL_MISMATCH');
    assertInvalid(withdraw({ words: [0n, FIELD_MODULUS - 1n, 100n] }), 'WITHDRAWAL_MISMATCH');
    assertValid(forcedExit({}, [0n, FIELD_MODULUS - 1n, 0n]));
  });

  it('takes 192 and 128 bits of kind 4 and refuses one more', () => {
    const to = EMPTY_INDEX;
    assertValid(deposit({ to }, [FIELD_MODULUS - 1n, 2n ** 192n - 1n, 2n ** 128n - 1n]));
    assertInvalid(deposit({ to }, [1n, 2n ** 192n, 1n]), 'WORD_RANGE');
    assertInvalid(deposit({ to }, [1n, 1n, 2n ** 128n]), 'WORD_RANGE');
  });
});

describe('fields wider than a record', () => {
  it('are refused before any rule: no record has them', () => {
    for (const [kind, fields] of [
      [16, {}],
      [-1, {}],
      [4, { to: -1 }],
      [4, { to: 0.5 }],
      [4, { to: Number.NaN }],
      [6, { to: 2 ** 32 }],
      [1, { amountFloat: 1n << 40n }],
      [1, { feeFloat: 1 << 16 }],
    ] as const) {
      assertCode(() => outcomeOf(unsigned(kind, fields, kind === 4 ? [1n, 1n, 1n] : [])), 'OUT_OF_RANGE');
    }
  });

  it('are refused as an expiry of more than 40 bits', () => {
    const operation = transfer();
    const authorization = { ...operation.authorization!, validUntil: 2 ** 40 };
    assertCode(() => outcomeOf({ ...operation, authorization }), 'OUT_OF_RANGE');
  });
});
