/** EdDSA-Poseidon signatures by the addon, for whoever signs very many: hot wallets of exchanges, and generators of load. */

import {
  invariantBroken,
  type KeyPair,
  RollupError,
  readWord,
  requireFieldElement,
  type Signature,
  writeWord,
} from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { callAsync } from './call.ts';
import { requireList } from './input.ts';

const SECRET_BYTES = 32;
/** Position of the key (4 bytes), message: little-endian. Twin: native/core/src/babyjubjub/sign.rs SIGN_ITEM_BYTES. */
export const SIGN_ITEM_BYTES = 4 + FIELD_BYTES;
/** R8.x, R8.y, S: little-endian. Twin: native/core/src/babyjubjub/sign.rs SIGNED_BYTES. */
export const SIGNED_BYTES = 3 * FIELD_BYTES;

/** A message and whose signature it is to have. */
export interface SigningRequest {
  /** Position in the list of key pairs. */
  readonly key: number;
  /** Field element. */
  readonly message: bigint;
}

/**
 * Signatures of items as the addon takes them, on background threads and all cores: a signature takes a core about 6 µs, eight
 * at a time, with AVX512-IFMA and 30 µs without.
 *
 * @param secrets 32 bytes each; the caller's to wipe.
 * @param items SIGN_ITEM_BYTES each.
 * @returns SIGNED_BYTES an item, in their order.
 * @throws RollupError OUT_OF_RANGE for a message that is not below r; INVARIANT_BROKEN for a position without a secret and for
 * torn bytes; NATIVE_UNAVAILABLE.
 */
export async function signPacked(secrets: Uint8Array, items: Uint8Array): Promise<Uint8Array> {
  const addon = requireAddon();
  for (const [name, bytes] of Object.entries({ secrets, items })) {
    if (!(bytes instanceof Uint8Array)) throw invariantBroken(`${name} are not bytes`, { name });
  }
  return callAsync(() => addon.signMany(secrets, items));
}

/**
 * Signs many messages: the same bytes as `signMessage` makes. Public keys are derived from the secrets, whatever the pairs say, so
 * that no pair can give its secret away. What is secret is wiped from the memory that this call took; its time depends on secrets,
 * so do not sign where somebody else can measure it.
 *
 * @throws RollupError INVALID_KEY for a secret that has not 32 bytes, OUT_OF_RANGE for another message than a field element or a
 * key that is not in the list, NATIVE_UNAVAILABLE.
 * Twin: packages/protocol/keys/eddsa.ts signMessage.
 */
export async function signMany(
  keyPairs: readonly KeyPair[],
  requests: readonly SigningRequest[],
): Promise<Signature[]> {
  requireList('key pairs', keyPairs);
  requireList('messages to sign', requests);
  const items = packRequests(requests, keyPairs.length);
  const secrets = new Uint8Array(keyPairs.length * SECRET_BYTES);
  try {
    for (const [position, pair] of keyPairs.entries()) {
      const secret: unknown = pair?.secret;
      if (!(secret instanceof Uint8Array) || secret.length !== SECRET_BYTES) {
        throw new RollupError('INVALID_KEY', `the secret of key pair ${position} has not ${SECRET_BYTES} bytes`, {
          expected: SECRET_BYTES,
        });
      }
      secrets.set(secret, position * SECRET_BYTES);
    }
    return unpackSignatures(await signPacked(secrets, items));
  } finally {
    secrets.fill(0);
  }
}

function packRequests(requests: readonly SigningRequest[], keyCount: number): Uint8Array {
  const items = new Uint8Array(requests.length * SIGN_ITEM_BYTES);
  const view = new DataView(items.buffer);
  for (const [position, request] of requests.entries()) {
    const { key, message } = request ?? {};
    if (!Number.isSafeInteger(key) || key < 0 || key >= keyCount) {
      throw new RollupError('OUT_OF_RANGE', `request ${position} names key ${String(key)}, there are ${keyCount}`, {
        name: 'key',
        actual: String(key),
      });
    }
    requireFieldElement(`message ${position}`, message);
    view.setUint32(position * SIGN_ITEM_BYTES, key, true);
    writeWord(view, position * SIGN_ITEM_BYTES + 4, message);
  }
  return items;
}

function unpackSignatures(signed: Uint8Array): Signature[] {
  const view = new DataView(signed.buffer, signed.byteOffset, signed.byteLength);
  return Array.from({ length: signed.length / SIGNED_BYTES }, (_, position) => {
    const at = (part: number) => readWord(view, position * SIGNED_BYTES + part * FIELD_BYTES);
    return { r8: { x: at(0), y: at(1) }, s: at(2) };
  });
}
