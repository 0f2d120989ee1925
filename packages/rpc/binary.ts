/**
 * A list of signed transfers as bytes, the body of a POST with content type `application/octet-stream`: for who sends many.
 * Source: docs/rpc.md, Lists as bytes.
 */

import {
  NONCE_BITS,
  OPERATION_BYTES,
  OPERATION_PLACES,
  type Operation,
  RollupError,
  readWord,
  requireBits,
  viewOf,
  writeOperation,
  writeWord,
} from '@quittance/protocol';

/** Most transfers of one rollup_sendTransfers. */
export const MAX_TRANSFERS = 1_000;

/** Content type of JSON-RPC. */
export const JSON_TYPE = 'application/json';
/** Content type of a list as bytes. */
export const BINARY_TYPE = 'application/octet-stream';
/** Bytes before the first transfer. */
export const BINARY_HEADER_BYTES = 64;
/** Most bytes of a list. */
export const MAX_BINARY_BYTES = BINARY_HEADER_BYTES + MAX_TRANSFERS * OPERATION_BYTES;

/** `QTL1`: the name of the format and its version, as a big-endian number. */
const MAGIC = 0x51544c31;
const COUNT = 4;
const ZEROS = 8;
const DOMAIN = 32;

/** A transfer of a list. */
export interface BinaryTransfer {
  readonly operation: Operation;
  /** The nonce that was signed. */
  readonly nonce: number;
}

/** A transfer of a list whose operation is not read yet. */
export interface PackedTransfer {
  /** OPERATION_BYTES, as `readOperation` takes them. */
  readonly bytes: Uint8Array;
  readonly nonce: number;
}

/** A list that was read. */
export interface BinaryList {
  readonly domain: bigint;
  readonly transfers: readonly PackedTransfer[];
}

function wrongLength(name: string, expected: number | string, actual: number): RollupError {
  return new RollupError('WRONG_LENGTH', `${name} has ${actual} bytes, expected ${expected}`, {
    name,
    expected,
    actual,
  });
}

function outOfRange(name: string, expected: string, actual: number): RollupError {
  return new RollupError('OUT_OF_RANGE', `${name} is ${actual}, expected ${expected}`, { name, expected, actual });
}

/** @throws RollupError OUT_OF_RANGE when a list cannot have as many. */
function requireCount(count: number): number {
  if (count >= 1 && count <= MAX_TRANSFERS) return count;
  throw outOfRange('the number of transfers of a list', `1 to ${MAX_TRANSFERS}`, count);
}

/**
 * A list as bytes.
 *
 * @param domain that all of them are signed for.
 * @throws RollupError OUT_OF_RANGE for none or more than MAX_TRANSFERS, or a field wider than its place; WRONG_LENGTH for
 * another number of words than the kind has.
 */
export function encodeBinaryList(domain: bigint, transfers: readonly BinaryTransfer[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BINARY_HEADER_BYTES + requireCount(transfers.length) * OPERATION_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, MAGIC);
  view.setUint32(COUNT, transfers.length, true);
  writeWord(view, DOMAIN, requireBits('domain', domain, 256));
  for (const [position, { operation, nonce }] of transfers.entries()) {
    const offset = BINARY_HEADER_BYTES + position * OPERATION_BYTES;
    writeOperation(view, offset, operation);
    view.setUint32(offset + OPERATION_PLACES.zeros, requireBits('nonce', nonce, NONCE_BITS), true);
  }
  return bytes;
}

/**
 * The transfers of a list, each to be read on its own: what one of them has wrong is no fault of the others.
 *
 * @param bytes become those of the operations: the nonces are taken out of them.
 * @throws RollupError WRONG_LENGTH for bytes that are no whole list, OUT_OF_RANGE for another format or number of transfers.
 */
export function decodeBinaryList(bytes: Uint8Array): BinaryList {
  if (bytes.length < BINARY_HEADER_BYTES) throw wrongLength('a list', `at least ${BINARY_HEADER_BYTES}`, bytes.length);
  const view = viewOf(bytes);
  const magic = view.getUint32(0);
  if (magic !== MAGIC) throw outOfRange('the format of a list', `${MAGIC}, QTL1 in ASCII`, magic);
  const count = requireCount(view.getUint32(COUNT, true));
  const expected = BINARY_HEADER_BYTES + count * OPERATION_BYTES;
  if (bytes.length !== expected) throw wrongLength(`a list of ${count} transfers`, expected, bytes.length);
  const odd = bytes.subarray(ZEROS, DOMAIN).findIndex((byte) => byte !== 0);
  if (odd >= 0) throw outOfRange(`byte ${ZEROS + odd} of a list`, '0', bytes[ZEROS + odd]!);
  const transfers = Array.from({ length: count }, (_, position): PackedTransfer => {
    const offset = BINARY_HEADER_BYTES + position * OPERATION_BYTES;
    const at = offset + OPERATION_PLACES.zeros;
    const nonce = view.getUint32(at, true);
    view.setUint32(at, 0);
    return { nonce, bytes: bytes.subarray(offset, offset + OPERATION_BYTES) };
  });
  return { domain: readWord(view, DOMAIN), transfers };
}
