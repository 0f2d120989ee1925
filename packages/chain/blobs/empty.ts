/** The blob of nothing but zeros: what a transaction carries that only takes the place of another one with blobs. */

import { BLOB_BYTES } from '@quittance/protocol';
import { CELL_COUNT, POINT_BYTES, versionedHashOf } from './kzg.ts';
import type { SidecarBlob } from './sidecar.ts';

/** Its polynomial is 0, so its commitment and all proofs are the point at infinity, and nothing has to be computed. */
const INFINITY = new Uint8Array(POINT_BYTES);
INFINITY[0] = 0xc0;

export const EMPTY_BLOB: SidecarBlob = {
  blob: new Uint8Array(BLOB_BYTES),
  commitment: INFINITY,
  versionedHash: versionedHashOf(INFINITY),
  cellProofs: Array.from({ length: CELL_COUNT }, () => INFINITY),
};
