/**
 * States of payment channels by the addon: their hashes, and secp256k1 signatures of them. One at a time: a call costs the addon
 * a microsecond or two, a signature twenty times that.
 */

import {
  type Address,
  type Bytes32,
  type ChannelContract,
  type ChannelState,
  decodeStateSignature,
  encodeChannelState,
  encodeStateSignature,
  STATE_SIGNATURE_BYTES,
  type StateSignature,
  stateHashBytes,
} from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { call } from './call.ts';

const HASH_BYTES = 32;
const ADDRESS_BYTES = 20;

/** Bytes that a call of the addon fills. */
function filled(count: number, fill: (out: Buffer) => void): Buffer {
  const out = Buffer.alloc(count);
  call(() => fill(out));
  return out;
}

const textOf = (bytes: Buffer): string => `0x${bytes.toString('hex')}`;

/**
 * What both parties sign: the same as `channelStateHash`.
 *
 * @throws RollupError as `channelStateHash`; NATIVE_UNAVAILABLE.
 */
export function hashState(contract: ChannelContract, vault: Address, state: ChannelState): Bytes32 {
  const addon = requireAddon();
  const encoded = encodeChannelState(contract, vault, state);
  return textOf(filled(HASH_BYTES, (out) => addon.channelStateHash(encoded, out)));
}

/**
 * Signs the hash of a state: the same bytes as `signChannelState` makes. Its time does not depend on the secret.
 *
 * @param secretKey 32 bytes; the caller's to wipe.
 * @throws RollupError INVALID_HEX for what is no hash, OUT_OF_RANGE for a secret of 0 or not below the order, INVARIANT_BROKEN
 * for one that has not 32 bytes, NATIVE_UNAVAILABLE. None says anything of the secret.
 */
export function signStateHash(hash: Bytes32, secretKey: Uint8Array): StateSignature {
  const addon = requireAddon();
  const hashed = stateHashBytes(hash);
  return decodeStateSignature(filled(STATE_SIGNATURE_BYTES, (out) => addon.signChannelState(hashed, secretKey, out)));
}

/**
 * Who signed the hash of a state: takes and refuses what `recoverChannelSigner` does.
 *
 * @returns the address in lower case.
 * @throws RollupError BAD_SIGNATURE, INVALID_HEX as `recoverChannelSigner`; NATIVE_UNAVAILABLE.
 */
export function recoverStateSigner(hash: Bytes32, signature: StateSignature): Address {
  const addon = requireAddon();
  const [hashed, encoded] = [stateHashBytes(hash), encodeStateSignature(signature)];
  return textOf(filled(ADDRESS_BYTES, (out) => addon.recoverChannelSigner(hashed, encoded, out)));
}
