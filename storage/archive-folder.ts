/** What an archive keeps beside blobs: how far it is (`archive.json`), and snapshots (`<batch>.snapshot`). */

import { type Bytes32, RollupError } from '@quittance/protocol';
import { type BlobFolder, createBlobFolder, folderFailed } from './blob-folder.ts';
import { createFiles } from './files.ts';
import { MAX_SNAPSHOT_BYTES } from './snapshot-file.ts';

const PROGRESS_FILE = 'archive.json';
/** 4,096 missing blobs (packages/derivation/archive-missing.ts) of less than 256 bytes each. */
const MAX_PROGRESS_BYTES = 1_024 * 1_024;
/** Older ones are removed. */
const SNAPSHOTS_KEPT = 3;
const SNAPSHOT = /^(\d{1,15})\.snapshot$/;

const VERSIONED_HASH = /^0x01[0-9a-f]{62}$/i;

/** A blob that is still to be had. */
interface WantedBlob {
  /** One. */
  readonly versionedHashes: readonly Bytes32[];
  readonly blockNumber: number;
  readonly timestamp: number;
}

/** What `@quittance/derivation` calls ArchiveProgress. */
export interface FolderProgress {
  readonly chainId: string;
  readonly contract: string;
  readonly nextBlock: number;
  readonly nextBatch: number;
  readonly dataBlock: number;
  readonly missing: readonly WantedBlob[];
  readonly droppedCount: number;
}

/** What `@quittance/derivation` calls ArchiveStore, over a folder of blobs. Every method throws RollupError BLOB_SOURCE_FAILED. */
export interface ArchiveFolder extends BlobFolder {
  /** Undefined for a new folder. @throws RollupError DATABASE_DAMAGED when it is none of ours. */
  readProgress(): Promise<FolderProgress | undefined>;
  writeProgress(progress: FolderProgress): Promise<void>;
  /** Ascending. */
  snapshotBatches(): Promise<number[]>;
  readSnapshot(batch: number): Promise<Uint8Array>;
  keepSnapshot(batch: number, bytes: Uint8Array): Promise<void>;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isWanted(value: unknown): value is WantedBlob {
  const { versionedHashes, blockNumber, timestamp } = (value ?? {}) as Record<string, unknown>;
  if (!Array.isArray(versionedHashes) || versionedHashes.length !== 1) return false;
  // It becomes the name of a file.
  const [hash] = versionedHashes as unknown[];
  return typeof hash === 'string' && VERSIONED_HASH.test(hash) && isCount(blockNumber) && isCount(timestamp);
}

function isProgress(value: unknown): value is FolderProgress {
  const { chainId, contract, missing, ...counts } = (value ?? {}) as Record<string, unknown>;
  const { nextBlock, nextBatch, dataBlock, droppedCount } = counts;
  const isNamed = typeof chainId === 'string' && typeof contract === 'string';
  const isCounted = [nextBlock, nextBatch, dataBlock, droppedCount].every(isCount);
  return isNamed && isCounted && Array.isArray(missing) && missing.every(isWanted);
}

/** The archive in the folder at `path`; it is made when something is kept. */
export function createArchiveFolder(path: string): ArchiveFolder {
  const files = createFiles(path);
  const blobs = createBlobFolder(path);
  const told = async <T>(task: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw folderFailed(blobs.name, task, error);
    }
  };

  async function snapshotBatches(): Promise<number[]> {
    const names = await told('listing it', files.names());
    const batches = names.flatMap((name) => SNAPSHOT.exec(name)?.[1] ?? []).map(Number);
    return batches.sort((one, other) => one - other);
  }

  return {
    ...blobs,
    snapshotBatches,
    async readProgress() {
      const bytes = await told(`reading ${PROGRESS_FILE}`, files.read(PROGRESS_FILE, MAX_PROGRESS_BYTES));
      if (bytes === undefined) return undefined;
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        value = undefined;
      }
      if (isProgress(value)) return value;
      const message = `${path}/${PROGRESS_FILE} is damaged or of an earlier version; remove it, and the archive reads all batches again`;
      throw new RollupError('DATABASE_DAMAGED', message, { file: `${path}/${PROGRESS_FILE}` });
    },
    writeProgress(progress) {
      const bytes = new TextEncoder().encode(`${JSON.stringify(progress)}\n`);
      return told(`writing ${PROGRESS_FILE}`, files.write(PROGRESS_FILE, bytes));
    },
    async readSnapshot(batch) {
      const name = `${batch}.snapshot`;
      return (await told(`reading ${name}`, files.read(name, MAX_SNAPSHOT_BYTES))) ?? new Uint8Array();
    },
    async keepSnapshot(batch, bytes) {
      await told(`writing ${batch}.snapshot`, files.write(`${batch}.snapshot`, bytes));
      // Later ones are of a state that L1 took back, or damaged: they must not push the good ones out.
      const old = (await snapshotBatches()).filter((other) => other <= batch).slice(0, -SNAPSHOTS_KEPT);
      for (const other of old) await told(`removing ${other}.snapshot`, files.remove(`${other}.snapshot`));
    },
  };
}
