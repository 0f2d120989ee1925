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

/** Signs the hash of a state. */
export function signChannelState(hash: Bytes32, secretKey: Uint8Array): StateSignature {
  const bytes = secp256k1.sign(hexToBytes(hash.slice(2)), secretKey, { prehash: false, format: 'recovered' });
  return { v: 27 + bytes[0]!, r: wordOf(bytes.subarray(1, 33)), s: wordOf(bytes.subarray(33)) };
}

/**
 * Who signed the hash.
 * Twin: contracts/channels/ChannelStates.sol requireSigned.
 *
 * @throws RollupError BAD_SIGNATURE for what L1 takes no signature for: s in the upper half, r or s of 0, another v.
 */
export function recoverChannelSigner(hash: Bytes32, { v, r, s }: StateSignature): Address {
  try {
    const bytes = Uint8Array.of(v - 27, ...hexToBytes(r.slice(2)), ...hexToBytes(s.slice(2)));
    const signature = secp256k1.Signature.fromBytes(bytes, 'recovered');
    if ((v !== 27 && v !== 28) || signature.hasHighS()) throw new RangeError('it is malleated');
    return addressOf(signature.recoverPublicKey(hexToBytes(hash.slice(2))).toBytes(false));
  } catch (error) {
    const message = `a channel's state has no usable signature: ${(error as Error).message}`;
    throw new RollupError('BAD_SIGNATURE', message, {}, { cause: error });
  }
}
