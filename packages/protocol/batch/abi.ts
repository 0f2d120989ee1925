/** keccak-256 over Solidity's abi.encode of static words and of arrays of words: all that the protocol hashes on L1. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { RollupError } from '../errors/index.ts';
import { FIELD_MODULUS } from '../params.ts';

/** 32 bytes as 0x and 64 hex digits. */
export type Bytes32 = string;

/** A static argument: an unsigned integer, an address (0x and 40 digits) or bytes32. */
export type AbiWord = bigint | number | string;

const BYTES32_PATTERN = /^0x[0-9a-fA-F]{1,64}$/;

/** One 32-byte word, big-endian. @throws RollupError OUT_OF_RANGE or INVALID_HEX. */
export function encodeWord(value: AbiWord): Uint8Array {
  if (typeof value === 'string' && !BYTES32_PATTERN.test(value)) {
    throw new RollupError('INVALID_HEX', `"${value}" is not hexadecimal of at most 32 bytes`, { actual: value });
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RollupError('OUT_OF_RANGE', `${value} is no exact integer`, { actual: value });
  }
  const number = BigInt(value);
  if (number < 0n || number >> 256n !== 0n)
    throw new RollupError('OUT_OF_RANGE', `${number} is no uint256`, { actual: number });
  return hexToBytes(number.toString(16).padStart(64, '0'));
}

/** abi.encode of static arguments. */
export function encodeWords(values: readonly AbiWord[]): Uint8Array {
  return concatBytes(...values.map(encodeWord));
}

/** abi.encode of arrays of words: the offsets, then each length with its items. */
export function encodeArrays(arrays: readonly (readonly AbiWord[])[]): Uint8Array {
  let offset = 32 * arrays.length;
  const heads = arrays.map((array) => {
    const head = offset;
    offset += 32 * (array.length + 1);
    return head;
  });
  return concatBytes(encodeWords(heads), ...arrays.map((array) => encodeWords([array.length, ...array])));
}

/** keccak-256 as 0x-prefixed hexadecimal. */
export function keccak(data: Uint8Array): Bytes32 {
  return `0x${bytesToHex(keccak_256(data))}`;
}

/** keccak-256 of a text's UTF-8. */
export function keccakText(text: string): Bytes32 {
  return keccak(new TextEncoder().encode(text));
}

/** keccak-256 reduced to a field element. */
export function keccakToField(data: Uint8Array): bigint {
  return BigInt(keccak(data)) % FIELD_MODULUS;
}
