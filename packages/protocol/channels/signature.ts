/** Signatures of channel states: secp256k1, as L1 recovers them. */

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Bytes32 } from '../batch/index.ts';
import { RollupError } from '../errors/index.ts';
import type { Address } from './types.ts';

/** A signature with its parity, s in the lower half. Twin: contracts/types/ChannelTypes.sol StateSignature. */
export interface StateSignature {
  /** 27 or 28. */
  readonly v: number;
  readonly r: Bytes32;
  readonly s: Bytes32;
}

const wordOf = (bytes: Uint8Array): Bytes32 => `0x${bytesToHex(bytes)}`;

/** The L1 address of a secret key of 32 bytes, in lower case. */
export function channelAddress(secretKey: Uint8Array): Address {
  return addressOf(secp256k1.getPublicKey(secretKey, false));
}

function addressOf(publicKey: Uint8Array): Address {
  return `0x${bytesToHex(keccak_256(publicKey.subarray(1)).subarray(12))}`;
}

/** r, s and v, in this order. Twin: native/core/src/channels/signature.rs SIGNATURE_BYTES. */
export const STATE_SIGNATURE_BYTES = 65;
const WORD_PATTERN = /^0x[0-9a-fA-F]{64}$/;

const isWord = (value: unknown): value is Bytes32 => typeof value === 'string' && WORD_PATTERN.test(value);

function unusable(reason: string, cause?: unknown): RollupError<'BAD_SIGNATURE'> {
  return new RollupError('BAD_SIGNATURE', `a channel's state has no usable signature: ${reason}`, {}, { cause });
}

/** The 32 bytes of the hash of a state. @throws RollupError INVALID_HEX. */
export function stateHashBytes(hash: Bytes32): Uint8Array {
  if (isWord(hash)) return hexToBytes(hash.slice(2));
  const message = `"${String(hash)}" is no hash of a channel's state: 0x and 64 hexadecimal digits`;
  throw new RollupError('INVALID_HEX', message, { actual: String(hash) });
}

/**
 * A signature in 65 bytes: r, s, v.
 *
 * @throws RollupError BAD_SIGNATURE where r or s has not 32 bytes, and for another v than 27 and 28.
 */
export function encodeStateSignature({ v, r, s }: StateSignature): Uint8Array {
  if (v !== 27 && v !== 28) throw unusable('v is neither 27 nor 28');
  if (!isWord(r) || !isWord(s)) throw unusable('r and s have 32 bytes each');
  return hexToBytes(r.slice(2) + s.slice(2) + v.toString(16));
}

/** The signature in bytes of `encodeStateSignature`. Trusted: checked when it is recovered from. */
export function decodeStateSignature(bytes: Uint8Array): StateSignature {
  return { v: bytes[STATE_SIGNATURE_BYTES - 1]!, r: wordOf(bytes.subarray(0, 32)), s: wordOf(bytes.subarray(32, 64)) };
}

/**
 * Signs the hash of a state: s is in the lower half.
 * Twin: native/core/src/channels/signature.rs sign.
 *
 * @throws RollupError INVALID_HEX for what is no hash.
 */
export function signChannelState(hash: Bytes32, secretKey: Uint8Array): StateSignature {
  const bytes = secp256k1.sign(stateHashBytes(hash), secretKey, { prehash: false, format: 'recovered' });
  return { v: 27 + bytes[0]!, r: wordOf(bytes.subarray(1, 33)), s: wordOf(bytes.subarray(33)) };
}

/**
 * Who signed the hash, in lower case.
 * Twin: contracts/channels/ChannelStates.sol requireSigned.
 * Twin: native/core/src/channels/signature.rs recover.
 *
 * @throws RollupError BAD_SIGNATURE for what L1 takes no signature for: s in the upper half, r or s of 0 or not below the order,
 * another v, and what no key has made; INVALID_HEX for what is no hash.
 */
export function recoverChannelSigner(hash: Bytes32, signature: StateSignature): Address {
  const hashed = stateHashBytes(hash);
  const bytes = encodeStateSignature(signature);
  try {
    const read = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), 'compact').addRecoveryBit(signature.v - 27);
    if (read.hasHighS()) throw new RangeError('s is in the upper half');
    return addressOf(read.recoverPublicKey(hashed).toBytes(false));
  } catch (error) {
    throw unusable((error as Error).message, error);
  }
}
