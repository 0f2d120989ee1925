/**
 * Keeps what L1 forgets: the blobs of a rollup's batches, or some cells of each, and the state now and then. One honest
 * archive in the world suffices, since whatever it gives is checked.
 */

import type { BlobRequest, BlobSource, Kzg, RollupReader } from '@quittance/chain';
import { type Bytes32, isRollupError, RollupError } from '@quittance/protocol';
import { type CellStore, keepCells } from './archive-cells.ts';
import { createMissingList, type MissingProgress } from './archive-missing.ts';
import { createPostings, type PostingsProgress } from './archive-postings.ts';
import { createSnapshots, type SkippedSnapshot, type SnapshotStore } from './archive-snapshots.ts';
import type { ReplayCrypto } from './whole-batch.ts';

/** How far an archive is; what it writes down, so that a restart resumes there. */
export interface ArchiveProgress extends PostingsProgress, MissingProgress {
  readonly chainId: string;
  readonly contract: string;
}

/** Where an archive keeps things. */
export interface ArchiveStore extends SnapshotStore, CellStore {
  /** Keeps a checked blob. @throws RollupError BLOB_SOURCE_FAILED when it could not be written. */
  keep(versionedHash: Bytes32, blob: Uint8Array): Promise<void>;
  readProgress(): Promise<ArchiveProgress | undefined>;
  writeProgress(progress: ArchiveProgress): Promise<void>;
}

export interface ArchiveOptions {
  readonly reader: RollupReader;
  readonly source: BlobSource;
  readonly store: ArchiveStore;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  /** Whether the first look reads all blocks again, and so checks whatever is kept. */
  readonly checksAll?: boolean;
  /** Which cells are kept in place of whole blobs, ascending. */
  readonly cells?: { readonly indices: readonly number[]; readonly kzg: Kzg } | undefined;
  /** Snapshots of the state: one after so many final batches. */
  readonly snapshots?: { readonly everyBatches: number; readonly crypto: ReplayCrypto } | undefined;
}

/** A blob that was asked for in vain. */
export interface MissingBlob {
  /** For this blob alone. */
  readonly request: BlobRequest;
  /** For people: each place with its failure. */
  readonly reason: string;
}

/** What a look found and kept. */
export interface ArchiveReport {
  /** Up to this block of L1 everything was read. */
  readonly block: number;
  /** Blobs that are kept, each checked in this look. */
  readonly blobs: number;
  /** The first blobs that this look asked for in vain. */
  readonly missing: readonly MissingBlob[];
  /** Blobs that no look has found so far. */
  readonly lacking: number;
  /** How many of them are too many to be remembered: they are not asked for again until all batches are read again. */
  readonly dropped: number;
  /** Batch of the newest snapshot that L1 confirms. */
  readonly snapshot?: number | undefined;
  /** Up to which final batch the state was replayed. */
  readonly replayed?: number | undefined;
  /** Newer snapshots than the one that the replay begins at in this look. */
  readonly skipped?: readonly SkippedSnapshot[] | undefined;
}

/** Missing blobs that are asked for again in one look. */
const MAX_RETRIED = 16;
/** Missing blobs that a look tells of; what else it asked for in vain is counted. */
const MAX_TOLD = 64;

/** Whether a request is still of a block of L1: one that was taken back has no blobs any more. */
async function isCanonical(reader: RollupReader, { blockNumber, timestamp }: BlobRequest): Promise<boolean> {
  return (await reader.block(blockNumber))?.timestamp === timestamp;
}

/** Where an archive of nothing begins. */
const beginning = (fromBlock: number): PostingsProgress => ({
  nextBlock: fromBlock,
  nextBatch: 0,
  dataBlock: fromBlock,
});

/** @throws RollupError DATABASE_FOREIGN when the folder is that of another rollup. */
async function progressOf({ reader, store, fromBlock }: ArchiveOptions): Promise<ArchiveProgress> {
  const ours = { chainId: reader.chainId.toString(), contract: reader.contract.toLowerCase() };
  const progress = await store.readProgress();
  if (progress === undefined) return { ...ours, ...beginning(fromBlock), missing: [], droppedCount: 0 };
  const [expected, actual] = [ours, progress].map(({ chainId, contract }) => `${contract} on chain ${chainId}`);
  if (expected === actual) return progress;
  const message = `the folder is the archive of ${actual}, not of ${expected}; name another folder`;
  throw new RollupError('DATABASE_FOREIGN', message, { file: store.name, expected, actual });
}

/** Keeps what one transaction carries. @returns the blobs that no source has. */
async function keepBlobs(
  { source, store, cells }: ArchiveOptions,
  request: BlobRequest,
  signal: AbortSignal | undefined,
): Promise<MissingBlob[]> {
  const missing: MissingBlob[] = [];
  for (const hash of request.versionedHashes) {
    signal?.throwIfAborted();
    const one = { ...request, versionedHashes: [hash] };
    try {
      if (cells === undefined) await store.keep(hash, (await source.getBlobs(one, signal))[0]!);
      else await keepCells({ ...cells, source, store }, one, signal);
    } catch (error) {
      if (!isRollupError(error, 'BLOB_UNAVAILABLE')) throw error;
      missing.push({ request: one, reason: error.message });
    }
  }
  return missing;
}

/** An archive of one rollup. */
export function createArchive(options: ArchiveOptions) {
  const { reader, store, fromBlock, checksAll = false } = options;
  const snapshots = options.snapshots === undefined ? undefined : createSnapshots(options, options.snapshots);
  const postings = createPostings(reader);
  let isFirst = true;

  /** Asks for the first ones of the list again. What still lacks goes to its end, so that all have their turn. */
  async function* retried({ missing }: ArchiveProgress): AsyncGenerator<BlobRequest> {
    for (const request of missing.slice(0, MAX_RETRIED)) if (await isCanonical(reader, request)) yield request;
  }

  return {
    /**
     * Reads L1 up to its head and keeps what is new.
     *
     * @throws RollupError DATABASE_FOREIGN, BLOB_SOURCE_FAILED when the folder cannot be used, NO_DEPLOYMENT, LIE_FINAL, or
     * what passes by itself: L1_UNREACHABLE, L1_BEHIND, L1_REORG, L1_LOGS_INCOMPLETE, L1_INCONSISTENT.
     */
    async look(signal?: AbortSignal): Promise<ArchiveReport> {
      const progress = await progressOf(options);
      const rereads = isFirst && checksAll;
      const head = await reader.head();
      const found = await postings.find(rereads ? beginning(fromBlock) : progress, head);
      const list = createMissingList({
        missing: progress.missing.slice(MAX_RETRIED),
        droppedCount: rereads ? 0 : progress.droppedCount,
      });
      const missing: MissingBlob[] = [];
      let blobs = 0;
      for (const requests of [retried(progress), found.requests]) {
        for await (const request of requests) {
          const failed = await keepBlobs(options, request, signal);
          blobs += request.versionedHashes.length - failed.length;
          for (const one of failed) list.add(one.request);
          missing.push(...failed.slice(0, MAX_TOLD - missing.length));
        }
      }
      const { chainId, contract } = progress;
      const left = list.progress();
      await store.writeProgress({ chainId, contract, ...found.progress(), ...left });
      isFirst = false;
      const lacking = left.missing.length + left.droppedCount;
      const report = { block: head.number, blobs, missing, lacking, dropped: left.droppedCount };
      return { ...report, ...(await snapshots?.follow(signal)) };
    },
  };
}
