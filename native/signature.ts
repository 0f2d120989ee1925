/** EdDSA-Poseidon checks by the addon (docs/protocol.md, Signature). */

import { type SignatureCheck, type SignatureVerifier, writeWord } from '@quittance/protocol';
import { requireAddon } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { call, callAsync } from './call.ts';
import { requireList } from './input.ts';

/** A.x, A.y, R8.x, R8.y, S, m. */
const ITEM_BYTES = 6 * FIELD_BYTES;
const INTEGER_LIMIT = 1n << 256n;

/** Checks come from outside: any part may be missing. */
type DeepPartial<T> = { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined };

/**
 * Items for the addon. What is no integer in 0 … 2^256 − 1 cannot be written and can only be part of an invalid
 * signature: it is written as 2^256 − 1, which no field element and no S reaches.
 */
function encode(checks: readonly SignatureCheck[]): Uint8Array {
  requireList('signature checks', checks);
  const bytes = new Uint8Array(checks.length * ITEM_BYTES);
  const view = new DataView(bytes.buffer);
  Array.from(checks, (check?: DeepPartial<SignatureCheck> | null) => {
    const { key, signature, message } = check ?? {};
    return [key?.x, key?.y, signature?.r8?.x, signature?.r8?.y, signature?.s, message];
  }).forEach((values, index) => {
    values.forEach((value, position) => {
      const writable = typeof value === 'bigint' && value >= 0n && value < INTEGER_LIMIT;
      writeWord(view, index * ITEM_BYTES + position * FIELD_BYTES, writable ? value : INTEGER_LIMIT - 1n);
    });
  });
  return bytes;
}

const decode = (verdicts: Uint8Array): boolean[] => Array.from(verdicts, (verdict) => verdict === 1);

/**
 * Verdicts in the order of the checks, on all cores. Blocks the event loop: a signature takes a core about 10 µs, eight at
 * a time, with AVX512-IFMA and 80 µs without.
 *
 * @throws RollupError OUT_OF_RANGE when `checks` is no list, NATIVE_UNAVAILABLE
 */
export function verifySignatures(checks: readonly SignatureCheck[]): boolean[] {
  const addon = requireAddon();
  return decode(call(() => addon.verifySignatures(encode(checks))));
}

/** Like `verifySignatures`, on background threads. */
export async function verifySignaturesAsync(checks: readonly SignatureCheck[]): Promise<boolean[]> {
  const addon = requireAddon();
  return decode(await callAsync(() => addon.verifySignaturesAsync(encode(checks))));
}

/**
 * Verdicts on items that are packed already, A.x, A.y, R8.x, R8.y, S and m in 32 little-endian bytes each: a byte for each, 1
 * when the signature is valid. On background threads.
 *
 * @throws RollupError INVARIANT_BROKEN for bytes that are no items, NATIVE_UNAVAILABLE
 */
export async function verifySignatureItems(items: Uint8Array): Promise<Uint8Array> {
  const addon = requireAddon();
  return await callAsync(() => addon.verifySignaturesAsync(items));
}

/**
 * Whether keys can only be signed for by their owners, y of each in 32 little-endian bytes: a byte for each, 1 when some point
 * with this y generates the prime subgroup. On background threads.
 *
 * @throws RollupError INVARIANT_BROKEN for bytes that are no keys, NATIVE_UNAVAILABLE
 * Twin: packages/protocol/keys/curve.ts isUsableKeyY.
 */
export async function usableKeyItems(keys: Uint8Array): Promise<Uint8Array> {
  const addon = requireAddon();
  return await callAsync(() => addon.usableKeysAsync(keys));
}

/**
 * The native `SignatureVerifier` of packages/protocol/.
 * Twin: packages/protocol/keys/eddsa.ts createPortableVerifier.
 * Twin: packages/protocol/step/coordinates.ts xCoordinates.
 */
export const nativeSignatureVerifier: SignatureVerifier = {
  verify: (check) => verifySignatures([check])[0] === true,
  verifyMany: verifySignatures,
  xCoordinates: (points) => callAsync(() => requireAddon().xCoordinatesAsync(points)),
};
