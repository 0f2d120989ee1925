/** Blobs from a web server over the folder of an archive: any that serves files. */

import { BLOB_BYTES } from '@quittance/protocol';
import { MAX_KEPT_CELLS_BYTES } from './cells.ts';
import { fetchBounded, publicName, urlBelow } from './fetch.ts';
import { type BlobOrigin, originFailed } from './origin.ts';

export interface MirrorOptions {
  /** Below it are `<versioned hash>.blob` and `<versioned hash>.cells`. */
  readonly url: string;
  readonly timeoutMs?: number;
}

/** A mirror of an archive. */
export function createMirrorOrigin({ url: address, timeoutMs = 15_000 }: MirrorOptions): BlobOrigin {
  const url = new URL(address);
  const name = `mirror ${publicName(url)}`;

  /** A file; undefined when the server has none of this name. */
  async function file(path: string, maxBytes: number, signal: AbortSignal | undefined) {
    const { status, body } = await fetchBounded(urlBelow(url, path), { name, maxBytes, timeoutMs, signal });
    if (status === 200) return body;
    if (status === 404 || status === 410) return undefined;
    throw originFailed(name, `status ${status} for ${path}`);
  }

  return {
    name,
    async read({ versionedHashes }, signal) {
      const blobs: Uint8Array[] = [];
      for (const hash of versionedHashes) {
        const blob = await file(`${hash}.blob`, BLOB_BYTES, signal);
        if (blob !== undefined) blobs.push(blob);
      }
      return blobs;
    },
    readCells: (versionedHash, signal) => file(`${versionedHash}.cells`, MAX_KEPT_CELLS_BYTES, signal),
  };
}
