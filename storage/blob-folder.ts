/**
 * A folder of blobs, the archive of a rollup: `<versioned hash>.blob` with its 131,072 bytes and `<versioned hash>.cells`
 * with some of its cells. A web server over it is a mirror. Files are read as they are: who asks checks them.
 */

import { BLOB_BYTES, type Bytes32, RollupError } from '@quittance/protocol';
import { createFiles } from './files.ts';

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

/** What the file system threw, as the failure of a place of blobs. */
export function folderFailed(source: string, task: string, cause: unknown): RollupError<'BLOB_SOURCE_FAILED'> {
  const reason = `${task}: ${(cause as Error).message}`;
  return new RollupError('BLOB_SOURCE_FAILED', `${source}: ${reason}`, { source, reason }, { cause });
}

/** The folder at `path`; it is made when something is kept. */
export function createBlobFolder(path: string): BlobFolder {
  const name = `folder ${path}`;
  const files = createFiles(path);
  const read = async (file: string, maxBytes: number) => {
    try {
      return await files.read(file, maxBytes);
    } catch (error) {
      throw folderFailed(name, `reading ${file}`, error);
    }
  };
  const write = async (file: string, bytes: Uint8Array) => {
    try {
      await files.write(file, bytes);
    } catch (error) {
      throw folderFailed(name, `writing ${file}`, error);
    }
  };
  return {
    name,
    async read({ versionedHashes }) {
      const found = await Promise.all(versionedHashes.map((hash) => read(`${hash}.blob`, BLOB_BYTES)));
      return found.filter((file) => file !== undefined);
    },
    readCells: (hash) => read(`${hash}.cells`, MAX_CELLS_BYTES),
    keep: (hash, blob) => write(`${hash}.blob`, blob),
    keepCells: (hash, file) => write(`${hash}.cells`, file),
  };
}
