/**
 * An operation as bytes, for engines: fixed places, so that nothing has to be parsed.
 *
 * | offset | bytes | content |
 * | ---: | ---: | --- |
 * | 0 | 16 | record, 124 bits, little-endian |
 * | 16 | 1 | 1 with an authorization, 0 without |
 * | 17 | 5 | validUntil, little-endian |
 * | 22 | 10 | 0 |
 * | 32 | 96 | w0, w1, w2, 32 little-endian bytes each; 0 for kinds without words |
 * | 128 | 128 | keyX, R8.x, R8.y, S, 32 little-endian bytes each; 0 without an authorization |
 *
 * Words and authorizations come from outside: they are any 256 bits, and the rules of records judge them.
 */

import { RollupError } from '../errors/index.ts';
import { requireBits } from '../integers.ts';
import { readWord, viewOf, writeWord } from '../little-endian.ts';
import { AMOUNT_BITS, FEE_BITS, INDEX_BITS, KIND_BITS, RECORD_BYTES, TIME_BITS, WORD_BYTES } from '../params.ts';
import { wordCountOf } from '../records/codec.ts';
import type { Authorization, Operation, RecordFields, RecordWords } from '../types.ts';

/** Bytes of a packed operation. Twin: native/core/src/engine/operation.rs OPERATION_BYTES. */
export const OPERATION_BYTES = 256;

/** Places in a packed operation. */
export const OPERATION_PLACES = {
  hasAuthorization: 16,
  validUntil: 17,
  zeros: 22,
  words: 32,
  authorization: 128,
} as const;

/** Where the fields of a record lie in its 16 little-endian bytes: every one begins at a byte. */
const FEE = 0;
const AMOUNT = 2;
const TO = 7;
const FROM = 11;
const KIND = 15;

const LOW = 2 ** 32;
const BYTE_BITS = 8;
const ANY_WORD_BITS = WORD_BYTES * BYTE_BITS;
const AUTHORIZATION_WORDS = 4;

/** A number of 40 bits in five little-endian bytes. */
function write40(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % LOW, true);
  view.setUint8(offset + 4, Math.floor(value / LOW));
}

function read40(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + LOW * view.getUint8(offset + 4);
}

function writeFields(view: DataView, offset: number, fields: RecordFields): void {
  view.setUint16(offset + FEE, requireBits('feeFloat', fields.feeFloat, FEE_BITS), true);
  write40(view, offset + AMOUNT, Number(requireBits('amountFloat', fields.amountFloat, AMOUNT_BITS)));
  view.setUint32(offset + TO, requireBits('to', fields.to, INDEX_BITS), true);
  view.setUint32(offset + FROM, requireBits('from', fields.from, INDEX_BITS), true);
  view.setUint8(offset + KIND, requireBits('kind', fields.kind, KIND_BITS));
}

function readFields(view: DataView, offset: number): RecordFields {
  return {
    kind: requireBits('kind', view.getUint8(offset + KIND), KIND_BITS),
    from: view.getUint32(offset + FROM, true),
    to: view.getUint32(offset + TO, true),
    amountFloat: BigInt(read40(view, offset + AMOUNT)),
    feeFloat: view.getUint16(offset + FEE, true),
  };
}

/**
 * Writes OPERATION_BYTES, all of them, at `offset`.
 *
 * @throws RollupError OUT_OF_RANGE for a field wider than its place, WRONG_LENGTH for more or fewer words than the kind has.
 */
export function writeOperation(view: DataView, offset: number, operation: Operation): void {
  const { fields, words, authorization } = operation;
  const expected = wordCountOf(fields.kind);
  if (words.length !== expected) {
    const message = `a record of kind ${fields.kind} has ${expected} words, not ${words.length}`;
    throw new RollupError('WRONG_LENGTH', message, { name: 'words', expected, actual: words.length });
  }
  for (let at = RECORD_BYTES; at < OPERATION_BYTES; at += BYTE_BITS) view.setBigUint64(offset + at, 0n);
  writeFields(view, offset, fields);
  for (const [position, word] of words.entries()) {
    const at = offset + OPERATION_PLACES.words + WORD_BYTES * position;
    writeWord(view, at, requireBits(`word ${position}`, word, ANY_WORD_BITS));
  }
  if (authorization === undefined) return;
  view.setUint8(offset + OPERATION_PLACES.hasAuthorization, 1);
  write40(view, offset + OPERATION_PLACES.validUntil, requireBits('validUntil', authorization.validUntil, TIME_BITS));
  const { keyX, r8, s } = authorization;
  for (const [position, [name, value]] of Object.entries({ keyX, r8x: r8.x, r8y: r8.y, s }).entries()) {
    const at = offset + OPERATION_PLACES.authorization + WORD_BYTES * position;
    writeWord(view, at, requireBits(name, value, ANY_WORD_BITS));
  }
}

/** Throws unless the bytes from `first` to `end` are 0. */
function requireZeros(view: DataView, offset: number, first: number, end: number, what: string): void {
  for (let at = first; at < end; at += 1) {
    const actual = view.getUint8(offset + at);
    if (actual === 0) continue;
    const message = `byte ${at} of an operation is ${actual}: ${what}`;
    throw new RollupError('OUT_OF_RANGE', message, { name: 'operation', byte: at, actual, expected: 0 });
  }
}

function readWords(view: DataView, offset: number, kind: number): RecordWords {
  const { words, authorization: end } = OPERATION_PLACES;
  const count = wordCountOf(kind);
  if (count === 0) requireZeros(view, offset, words, end, `kind ${kind} has no words`);
  return Array.from({ length: count }, (_, position) => readWord(view, offset + words + WORD_BYTES * position));
}

function readAuthorization(view: DataView, offset: number): Authorization | undefined {
  const { hasAuthorization, validUntil, zeros, authorization } = OPERATION_PLACES;
  const flag = requireBits('hasAuthorization', view.getUint8(offset + hasAuthorization), 1);
  requireZeros(view, offset, zeros, OPERATION_PLACES.words, 'it means nothing');
  if (flag === 0) {
    requireZeros(view, offset, validUntil, zeros, 'there is no authorization');
    requireZeros(view, offset, authorization, OPERATION_BYTES, 'there is no authorization');
    return undefined;
  }
  const [keyX, x, y, s] = Array.from({ length: AUTHORIZATION_WORDS }, (_, position) =>
    readWord(view, offset + authorization + WORD_BYTES * position),
  ) as [bigint, bigint, bigint, bigint];
  return { validUntil: read40(view, offset + validUntil), keyX, r8: { x, y }, s };
}

/** The operation at `offset`. @throws RollupError OUT_OF_RANGE naming the byte or the field that no operation has. */
export function readOperation(view: DataView, offset: number): Operation {
  const fields = readFields(view, offset);
  const words = readWords(view, offset, fields.kind);
  const authorization = readAuthorization(view, offset);
  return authorization === undefined ? { fields, words } : { fields, words, authorization };
}

/** An operation in OPERATION_BYTES. @throws RollupError as `writeOperation`. */
export function packOperation(operation: Operation): Uint8Array {
  return packOperations([operation]);
}

/** The operation that `packOperation` packed. @throws RollupError WRONG_LENGTH, or OUT_OF_RANGE as `readOperation`. */
export function unpackOperation(bytes: Uint8Array): Operation {
  requireOperations(bytes, 1);
  return readOperation(viewOf(bytes), 0);
}

/** Operations one after the other, as a chunk has them. @throws RollupError as `writeOperation`. */
export function packOperations(operations: readonly Operation[]): Uint8Array {
  const bytes = new Uint8Array(operations.length * OPERATION_BYTES);
  const view = viewOf(bytes);
  for (const [position, operation] of operations.entries()) writeOperation(view, position * OPERATION_BYTES, operation);
  return bytes;
}

/** The operations that `packOperations` packed. @throws RollupError WRONG_LENGTH, or OUT_OF_RANGE as `readOperation`. */
export function unpackOperations(bytes: Uint8Array): Operation[] {
  const view = viewOf(bytes);
  return Array.from({ length: requireOperations(bytes) }, (_, position) =>
    readOperation(view, position * OPERATION_BYTES),
  );
}

/**
 * How many operations lie in `bytes`.
 *
 * @param count how many there have to be; any number when it is left out.
 * @throws RollupError WRONG_LENGTH.
 */
export function requireOperations(bytes: Uint8Array, count?: number): number {
  const actual = bytes.length / OPERATION_BYTES;
  if (Number.isInteger(actual) && (count === undefined || actual === count)) return actual;
  const expected = count === undefined ? `a multiple of ${OPERATION_BYTES}` : count * OPERATION_BYTES;
  const message = `operations have ${bytes.length} bytes, expected ${expected}`;
  throw new RollupError('WRONG_LENGTH', message, { name: 'operations', expected, actual: bytes.length });
}
