/**
 * A folder of blobs, the archive of a rollup: `<versioned hash>.blob` with its 131,072 bytes and `<versioned hash>.cells`
 * with some of its cells. A web server over it is a mirror. Files are read as they are: who asks checks them.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOB_BYTES, type Bytes32, RollupError } from '@quittance/protocol';

/** Longer files are no files of cells: 128 of 2,097 bytes behind a commitment of 48. */
const MAX_CELLS_BYTES = 48 + 128 * 2_097;

/** What `@quittance/chain` calls BlobOrigin, and what an archive does besides. */
export interface BlobFolder {
  readonly name: string;
  /** The blobs that it has of these. @throws RollupError BLOB_SOURCE_FAILED. */
  read(request: { readonly versionedHashes: readonly Bytes32[] }): Promise<Uint8Array[]>;
  /** The file of cells of a blob; undefined when it has none. @throws RollupError BLOB_SOURCE_FAILED. */
  readCells(versionedHash: Bytes32): Promise<Uint8Array | undefined>;
  /** @throws RollupError BLOB_SOURCE_FAILED. */
  keep(versionedHash: Bytes32, blob: Uint8Array): Promise<void>;
  /** @throws RollupError BLOB_SOURCE_FAILED. */
  keepCells(versionedHash: Bytes32, file: Uint8Array): Promise<void>;
}

/** The folder at `path`; it is made when something is kept. */
export function createBlobFolder(path: string): BlobFolder {
  const name = `folder ${path}`;

  function failed(task: string, cause: unknown): RollupError<'BLOB_SOURCE_FAILED'> {
    const reason = `${task}: ${(cause as Error).message}`;
    return new RollupError('BLOB_SOURCE_FAILED', `${name}: ${reason}`, { source: name, reason }, { cause });
  }

  /** A file of at most `maxBytes`, or the first byte more, which tells that it is too long. */
  async function readFile(file: string, maxBytes: number): Promise<Uint8Array | undefined> {
    try {
      const handle = await open(join(path, file));
      try {
        const buffer = new Uint8Array(maxBytes + 1);
        const { bytesRead } = await handle.read(buffer, 0, maxBytes + 1, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw failed(`reading ${file}`, error);
    }
  }

  /** Whole or not at all: a file that is being written has another name. */
  async function write(file: string, bytes: Uint8Array): Promise<void> {
    const unfinished = join(path, `${file}.${randomBytes(6).toString('hex')}.part`);
    try {
      await mkdir(path, { recursive: true });
      await writeFile(unfinished, bytes, { flush: true });
      await rename(unfinished, join(path, file));
    } catch (error) {
      // What is left of it, if that can be removed; the error says what failed.
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw failed(`writing ${file}`, error);
    }
  }

  return {
    name,
    async read({ versionedHashes }) {
      const files = await Promise.all(versionedHashes.map((hash) => readFile(`${hash}.blob`, BLOB_BYTES)));
      return files.filter((file) => file !== undefined);
    },
    readCells: (hash) => readFile(`${hash}.cells`, MAX_CELLS_BYTES),
    keep: (hash, blob) => write(`${hash}.blob`, blob),
    keepCells: (hash, file) => write(`${hash}.cells`, file),
  };
}
