/**
 * Keeps what L1 forgets: the blobs of a rollup's batches, or some cells of each, and the state now and then. One honest
 * archive in the world suffices, since whatever it gives is checked.
 */

import type { BlobRequest, BlobSource, Kzg, RollupReader } from '@quittance/chain';
import { type Bytes32, type Crypto, isRollupError, RollupError } from '@quittance/protocol';
import { type CellStore, keepCells } from './archive-cells.ts';
import { createSnapshots, type SnapshotStore } from './archive-snapshots.ts';

/** How far an archive is; what it writes down, so that a restart resumes there. */
export interface ArchiveProgress {
  readonly chainId: string;
  readonly contract: string;
  /** All blocks before it were read. */
  readonly nextBlock: number;
  /** Blobs that no source had. */
  readonly missing: readonly BlobRequest[];
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
  readonly snapshots?: { readonly everyBatches: number; readonly crypto: Crypto } | undefined;
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
  /** Blobs that this look asked for in vain. */
  readonly missing: readonly MissingBlob[];
  /** Blobs that no look has found so far. */
  readonly lacking: number;
  /** Batch of the newest snapshot. */
  readonly snapshot?: number | undefined;
  /** Up to which final batch the state was replayed. */
  readonly replayed?: number | undefined;
}

/** Blocks that are read again in each look, since L1 may have replaced them. */
const REREAD_BLOCKS = 128;
/** Missing blobs that are asked for again in one look. */
const MAX_RETRIED = 16;

/** A transaction with data, and the block that has it. */
interface Posted {
  readonly transactionHash: Bytes32;
  readonly blockNumber: number;
  readonly blockHash: Bytes32;
}

/** Transactions with data in blocks [from, to]: of batches that are final, and of those that wait. */
async function readTransactions(reader: RollupReader, from: number, to: number): Promise<Posted[]> {
  const [finalized, assertions] = await Promise.all([reader.finalizedBatches(from, to), reader.assertions(from, to)]);
  const posted: Posted[] = [...finalized.filter(({ header }) => header.number > 0), ...assertions];
  return [...new Map(posted.map((place) => [place.transactionHash, place])).values()];
}

/** The blobs of a transaction; undefined when it has none, or made a batch final that another one had posted. */
async function requestOf(
  reader: RollupReader,
  { transactionHash, blockNumber }: Posted,
): Promise<BlobRequest | undefined> {
  try {
    const { blobHashes } = await reader.batchData(transactionHash);
    if (blobHashes.length === 0) return undefined;
    const block = await reader.block(blockNumber);
    if (block === undefined) throw new RollupError('L1_REORG', `L1 has no block ${blockNumber} any more`);
    return { versionedHashes: blobHashes, blockNumber, timestamp: block.timestamp };
  } catch (error) {
    if (isRollupError(error, 'CALLDATA_UNREADABLE')) return undefined;
    throw error;
  }
}

/** Whether a request is still of a block of L1: one that was taken back has no blobs any more. */
async function isCanonical(reader: RollupReader, { blockNumber, timestamp }: BlobRequest): Promise<boolean> {
  return (await reader.block(blockNumber))?.timestamp === timestamp;
}

/** @throws RollupError DATABASE_FOREIGN when the folder is that of another rollup. */
async function progressOf({ reader, store, fromBlock }: ArchiveOptions): Promise<ArchiveProgress> {
  const ours = { chainId: reader.chainId.toString(), contract: reader.contract.toLowerCase() };
  const progress = await store.readProgress();
  if (progress === undefined) return { ...ours, nextBlock: fromBlock, missing: [] };
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
  /** Transactions, each in its block, that need no second reading while this process lives. */
  const done = new Set<string>();
  let isFirst = true;

  /** What is to be kept: what lacked before, the oldest first, and what is new in blocks [from, to]. */
  async function* requestsOf(retried: readonly BlobRequest[], from: number, to: number): AsyncGenerator<BlobRequest> {
    for (const request of retried) if (await isCanonical(reader, request)) yield request;
    for (const posted of await readTransactions(reader, from, to)) {
      // A reorg can move a transaction, and beacon nodes find its blobs by the block.
      const place = `${posted.transactionHash} in ${posted.blockHash}`;
      if (done.has(place)) continue;
      const request = await requestOf(reader, posted);
      if (request !== undefined) yield request;
      done.add(place);
    }
  }

  return {
    /**
     * Reads L1 up to its head and keeps what is new.
     *
     * @throws RollupError DATABASE_FOREIGN, BLOB_SOURCE_FAILED when the folder cannot be used, LIE_FINAL, L1_UNREACHABLE.
     */
    async look(signal?: AbortSignal): Promise<ArchiveReport> {
      const progress = await progressOf(options);
      const { number: head } = await reader.head();
      const rereads = isFirst && checksAll;
      const from = rereads ? fromBlock : Math.max(fromBlock, progress.nextBlock - REREAD_BLOCKS);
      // Those that are not asked for again in this look come first in the next.
      const [retried, rest] = [progress.missing.slice(0, MAX_RETRIED), progress.missing.slice(MAX_RETRIED)];
      const lacking = new Map<Bytes32, BlobRequest>(rest.map((request) => [request.versionedHashes[0]!, request]));
      const missing: MissingBlob[] = [];
      let blobs = 0;
      for await (const request of requestsOf(retried, from, head)) {
        const failed = await keepBlobs(options, request, signal);
        blobs += request.versionedHashes.length - failed.length;
        missing.push(...failed);
      }
      for (const { request } of missing) lacking.set(request.versionedHashes[0]!, request);
      await store.writeProgress({ ...progress, nextBlock: head + 1, missing: [...lacking.values()] });
      isFirst = false;
      return { block: head, blobs, missing, lacking: lacking.size, ...(await snapshots?.follow(signal)) };
    },
  };
}
