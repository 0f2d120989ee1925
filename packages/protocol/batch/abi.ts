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

/** The 64 digits of a word. @throws RollupError as `encodeWord`. */
function digitsOf(value: AbiWord): string {
  if (typeof value === 'string') {
    if (BYTES32_PATTERN.test(value)) return value.slice(2).padStart(64, '0');
    throw new RollupError('INVALID_HEX', `"${value}" is not hexadecimal of at most 32 bytes`, { actual: value });
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RollupError('OUT_OF_RANGE', `${value} is no exact integer`, { actual: value });
  }
  const digits = value.toString(16);
  if (value < 0 || digits.length > 64)
    throw new RollupError('OUT_OF_RANGE', `${value} is no uint256`, { actual: BigInt(value) });
  return digits.padStart(64, '0');
}

/** One 32-byte word, big-endian. @throws RollupError OUT_OF_RANGE or INVALID_HEX. */
export function encodeWord(value: AbiWord): Uint8Array {
  return hexToBytes(digitsOf(value));
}

/** abi.encode of static arguments. @throws RollupError as `encodeWord`. */
export function encodeWords(values: readonly AbiWord[]): Uint8Array {
  return hexToBytes(values.map(digitsOf).join(''));
}

/** An argument: a word, an array of words, or an array of rows, each a static array of words of one length. */
export type AbiArgument = AbiWord | readonly AbiWord[] | readonly (readonly AbiWord[])[];

/** abi.encode of arguments in order: the words and the offsets of the arrays, then each array's length with its items. */
export function encodeAbi(values: readonly AbiArgument[]): Uint8Array {
  let offset = 32 * values.length;
  const heads: AbiWord[] = [];
  const tails: Uint8Array[] = [];
  for (const value of values) {
    if (typeof value !== 'object') {
      heads.push(value);
      continue;
    }
    const tail = encodeWords([value.length, ...value.flat()]);
    heads.push(offset);
    tails.push(tail);
    offset += tail.length;
  }
  return concatBytes(encodeWords(heads), ...tails);
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
