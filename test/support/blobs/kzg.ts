/** The fastest Kzg that there is, one for all tests of a run, and blobs for it. */

import { createPortableKzg, type Kzg } from '@quittance/chain';
import { BLOB_BYTES } from '@quittance/protocol';
import { createNativeKzg } from '../../../native/index.ts';
import { createRandom } from '../property/random.ts';

let kzg: Promise<Kzg> | undefined;

/** Made at the first call. */
export function testKzg(): Promise<Kzg> {
  kzg ??= (async () => createNativeKzg() ?? (await createPortableKzg()))();
  return kzg;
}

/** A blob full of what the seed says, each element of at most 248 bits. */
export function randomBlob(seed: string | number): Uint8Array {
  const { bytes } = createRandom(`blob ${seed}`);
  const blob = new Uint8Array(BLOB_BYTES);
  for (let offset = 0; offset < BLOB_BYTES; offset += 32) blob.set(bytes().subarray(0, 31), offset + 1);
  return blob;
}
