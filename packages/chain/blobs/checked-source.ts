/** A source of blobs over several places, asked in order: what one does not give, the next may. */

import { type Bytes32, isRollupError, RollupError } from '@quittance/protocol';
import type { Logger } from '../../../runtime/index.ts';
import { decodeKeptCells, type KeptCells, restoreBlob } from './cells.ts';
import { type Kzg, requireBlob, versionedHashOf } from './kzg.ts';
import { type BlobOrigin, MAX_BLOBS_PER_BLOCK } from './origin.ts';
import type { BlobRequest, BlobSource } from './source.ts';
import { isVersionedHash } from './versioned-hash.ts';

export interface CheckedSourceOptions {
  /** In the order in which they are asked. */
  readonly origins: readonly BlobOrigin[];
  readonly kzg: Kzg;
  readonly logger: Logger;
}

/** Why a place did not give a blob. */
interface Failure {
  readonly origin: BlobOrigin;
  readonly reason: string;
}

/** Names of blobs become names of files and parts of addresses. What L1 says was checked before (`requireBlobHashes`). */
function requireHashes(hashes: readonly Bytes32[]): Bytes32[] {
  if (hashes.length > MAX_BLOBS_PER_BLOCK) {
    const message = `${hashes.length} blobs were asked for at once, at most ${MAX_BLOBS_PER_BLOCK} are`;
    throw new RollupError('OUT_OF_RANGE', message, { actual: hashes.length });
  }
  return hashes.map((hash) => {
    if (isVersionedHash(hash)) return hash.toLowerCase();
    throw new RollupError('INVALID_HEX', `${hash} is no versioned hash of a blob`, { actual: hash });
  });
}

/** What was found by name, and why nothing else. */
interface Found {
  readonly blobs: Map<Bytes32, Uint8Array>;
  readonly reason: string;
}

/** Of what a place gave, the blobs that were asked for: those whose commitment hashes to a name. */
async function matching(kzg: Kzg, given: readonly Uint8Array[], wanted: ReadonlySet<Bytes32>): Promise<Found> {
  const blobs = new Map<Bytes32, Uint8Array>();
  let reason = 'it does not have it';
  for (const bytes of given.slice(0, MAX_BLOBS_PER_BLOCK)) {
    if (blobs.size === wanted.size) break;
    try {
      const hash = versionedHashOf(await kzg.commitment(requireBlob(bytes))) as Bytes32;
      if (wanted.has(hash)) blobs.set(hash, bytes);
      else reason = `it gave another blob, ${hash}`;
    } catch (error) {
      if (!isRollupError(error, 'WRONG_LENGTH') && !isRollupError(error, 'BLOB_ELEMENT_RANGE')) throw error;
      reason = `what it gave is no blob: ${error.message}`;
    }
  }
  return { blobs, reason };
}

/** What one place has of a request; a place that fails has nothing. */
async function ask(kzg: Kzg, origin: BlobOrigin, request: BlobRequest, signal?: AbortSignal): Promise<Found> {
  try {
    return await matching(kzg, await origin.read(request, signal), new Set(request.versionedHashes));
  } catch (error) {
    if (!isRollupError(error, 'BLOB_SOURCE_FAILED')) throw error;
    return { blobs: new Map(), reason: error.data.reason };
  }
}

const UNUSABLE_CELLS = ['BLOB_SOURCE_FAILED', 'WRONG_LENGTH', 'OUT_OF_RANGE'] as const;

/** The cells of a blob, wherever there are some. */
async function collectCells(
  { origins, logger }: CheckedSourceOptions,
  hash: Bytes32,
  signal: AbortSignal | undefined,
): Promise<KeptCells[]> {
  const kept: KeptCells[] = [];
  for (const origin of origins) {
    try {
      const file = await origin.readCells?.(hash, signal);
      if (file !== undefined) kept.push(decodeKeptCells(file));
    } catch (error) {
      if (!UNUSABLE_CELLS.some((code) => isRollupError(error, code))) throw error;
      logger.warn('the cells of a blob cannot be used', { source: origin.name, hash, error });
    }
  }
  return kept;
}

/** The slot by the first place that knows; it is for people only. */
async function slotOf(
  origins: readonly BlobOrigin[],
  request: BlobRequest,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  for (const origin of origins) {
    try {
      if (origin.slotOf !== undefined) return await origin.slotOf(request, signal);
    } catch (error) {
      if (!isRollupError(error, 'BLOB_SOURCE_FAILED')) throw error;
    }
  }
  return undefined;
}

/** Gives a blob to those places that keep some and lacked it. One that cannot is left: the blob is there. */
async function keep(logger: Logger, hash: Bytes32, blob: Uint8Array, lacking: readonly Failure[]): Promise<void> {
  for (const { origin } of lacking) {
    try {
      await origin.keep?.(hash, blob);
    } catch (error) {
      if (!isRollupError(error, 'BLOB_SOURCE_FAILED')) throw error;
      logger.warn('a blob could not be kept', { source: origin.name, hash, error });
    }
  }
}

/** A source that gives only what L1 has the hash of. Places that keep blobs get those that they lacked. */
export function createBlobSource(options: CheckedSourceOptions): BlobSource {
  const { origins, kzg, logger } = options;
  return {
    async getBlobs(given, signal) {
      const request = { ...given, versionedHashes: requireHashes(given.versionedHashes) };
      const blobs = new Map<Bytes32, Uint8Array>();
      const failures = new Map<Bytes32, Failure[]>(request.versionedHashes.map((hash) => [hash, []]));
      for (const origin of origins) {
        const missing = [...failures.keys()].filter((hash) => !blobs.has(hash));
        if (missing.length === 0) break;
        const found = await ask(kzg, origin, { ...request, versionedHashes: missing }, signal);
        for (const hash of missing) {
          const blob = found.blobs.get(hash);
          if (blob === undefined) failures.get(hash)!.push({ origin, reason: found.reason });
          else blobs.set(hash, blob);
        }
      }
      for (const [hash, lacking] of failures) {
        const blob = blobs.get(hash) ?? (await restoreBlob(kzg, hash, await collectCells(options, hash, signal)));
        if (!(blob instanceof Uint8Array)) {
          throw unavailable(hash, request, lacking, blob.cellCount, await slotOf(origins, request, signal));
        }
        blobs.set(hash, blob);
        await keep(logger, hash, blob, lacking);
      }
      return request.versionedHashes.map((hash) => blobs.get(hash)!);
    },
  };
}

/** The error that names every place with its failure, and the way out. */
function unavailable(
  hash: Bytes32,
  { blockNumber }: BlobRequest,
  failures: readonly Failure[],
  cellCount: number,
  slot: number | undefined,
): RollupError<'BLOB_UNAVAILABLE'> {
  const sources = failures.map(({ origin, reason }) => `${origin.name}: ${reason}`).join('; ');
  const where = `L1 block ${blockNumber}${slot === undefined ? '' : `, slot ${slot}`}`;
  const cells = cellCount === 0 ? '' : ` There are ${cellCount} good cells of it, 64 restore it.`;
  return new RollupError(
    'BLOB_UNAVAILABLE',
    `no source has the blob ${hash} of ${where}. ${sources || 'No source was given'}.${cells} ` +
      'Add --blob-source: an archive of this rollup, or a beacon node that keeps all blobs',
    { hash, blockNumber, slot, sources, cellCount },
  );
}
