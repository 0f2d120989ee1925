/** The rules that need no state: RESERVED_KIND to WORD_RANGE of docs/protocol.md. */

import { isFieldElement } from '../integers.ts';
import { BALANCE_BITS, OWNER_BITS, TOKEN_ID_BITS, TREE_CAPACITY } from '../params.ts';
import { type Invalid, type RecordFields, RecordKind, type RecordWords } from '../types.ts';
import { wordCountOf } from './codec.ts';

type Field = Exclude<keyof RecordFields, 'kind'>;

/** The fields shown as – for each kind. */
const UNUSED_FIELDS: Readonly<Record<number, readonly Field[]>> = {
  [RecordKind.noop]: ['from', 'to', 'amountFloat', 'feeFloat'],
  [RecordKind.transfer]: [],
  [RecordKind.transferToNew]: [],
  [RecordKind.withdraw]: ['to'],
  [RecordKind.deposit]: ['from', 'amountFloat', 'feeFloat'],
  [RecordKind.forcedExit]: ['to', 'amountFloat', 'feeFloat'],
  [RecordKind.collectFee]: ['from', 'amountFloat', 'feeFloat'],
  [RecordKind.move]: [],
};

const fits = (value: bigint, bits: number) => value >> BigInt(bits) === 0n;

/** Width of each word by kind; undefined is any field element, 0 is the constant 0. */
const WORD_BITS: Readonly<Record<number, readonly (number | undefined)[]>> = {
  [RecordKind.transferToNew]: [undefined, OWNER_BITS, 0],
  [RecordKind.withdraw]: [0, undefined, undefined],
  [RecordKind.deposit]: [undefined, OWNER_BITS + TOKEN_ID_BITS, BALANCE_BITS],
  [RecordKind.forcedExit]: [0, undefined, undefined],
  [RecordKind.move]: [undefined, undefined, undefined],
};

/**
 * The first rule of shape that a record breaks, or undefined. Twin: contracts/step/StepShape.sol violation.
 * Twin: native/core/src/engine/shape.rs check_shape.
 */
export function shapeViolation(fields: RecordFields, words: RecordWords): Invalid | undefined {
  const { kind, from, to } = fields;
  const unused = UNUSED_FIELDS[kind];
  if (unused === undefined) {
    return { code: 'RESERVED_KIND', message: `kind ${kind} is reserved`, expected: '0 to 7', actual: String(kind) };
  }
  for (const field of unused) {
    if (BigInt(fields[field]) !== 0n) {
      return {
        code: 'NONZERO_FIELD',
        message: `${field} of kind ${kind} is not 0`,
        expected: '0',
        actual: String(fields[field]),
      };
    }
  }
  if (words.length !== wordCountOf(kind)) {
    const expected = wordCountOf(kind);
    return {
      code: 'WORD_COUNT',
      message: `kind ${kind} has ${expected} words`,
      expected: String(expected),
      actual: String(words.length),
    };
  }
  for (const [name, index] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (index >= TREE_CAPACITY) {
      return {
        code: 'INDEX_RANGE',
        message: `${name} is beyond the tree`,
        expected: `< ${TREE_CAPACITY}`,
        actual: String(index),
      };
    }
  }
  for (const [position, word] of words.entries()) {
    const bits = WORD_BITS[kind]![position];
    if (!isFieldElement(word) || (bits !== undefined && !fits(word, bits))) {
      const expected = bits === undefined ? '< r' : `${bits} bits`;
      return {
        code: 'WORD_RANGE',
        message: `word ${position} of kind ${kind} is out of range`,
        expected,
        actual: String(word),
      };
    }
  }
  return undefined;
}
