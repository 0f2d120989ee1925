/** A snapshot of the state in a file of its own: from an archive, or how far a rebuild is. Who opens it checks its content. */

import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { createFiles } from './files.ts';

/** 2^24 accounts of 80 bytes, and their header. */
export const MAX_SNAPSHOT_BYTES = 2 ** 24 * 80 + 4_096;

function damaged(path: string, reason: string, cause?: unknown): RollupError<'SNAPSHOT_DAMAGED'> {
  const options = cause === undefined ? {} : { cause };
  return new RollupError('SNAPSHOT_DAMAGED', `${path}: ${reason}`, { reason }, options);
}

/**
 * The file at `path`; undefined when there is none.
 *
 * @throws RollupError SNAPSHOT_DAMAGED when it cannot be read or is too long for a snapshot.
 */
export async function readSnapshotIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    // Before any of it is read: a gigabyte would be read for nothing.
    const { size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (size > MAX_SNAPSHOT_BYTES) throw new Error('it is longer than any snapshot');
    return await createFiles(dirname(path)).read(basename(path), MAX_SNAPSHOT_BYTES);
  } catch (error) {
    throw damaged(path, (error as Error).message, error);
  }
}

/** The file at `path`. @throws RollupError SNAPSHOT_DAMAGED as `readSnapshotIfThere`, and when there is none. */
export async function readSnapshotFile(path: string): Promise<Uint8Array> {
  const bytes = await readSnapshotIfThere(path);
  if (bytes === undefined) throw damaged(path, 'there is no such file');
  return bytes;
}

/**
 * Writes the file whole or not at all: what was there before stays until then. Its folder is made if need be.
 *
 * @throws RollupError CONFIG_INVALID when it cannot be written: a full disk, a folder that is none or may not be written to.
 */
export async function writeSnapshotFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await createFiles(dirname(path)).write(basename(path), bytes);
  } catch (error) {
    const message = `cannot write ${path}: ${(error as Error).message}`;
    throw new RollupError('CONFIG_INVALID', message, { file: path }, { cause: error });
  }
}
