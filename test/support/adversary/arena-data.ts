/** Where the batches of an arena have their data, and how they get to L1 with it. */

import { NO_BLOB_SOURCE } from '@quittance/chain';
import type { Signer } from 'ethers';
import { testKzg } from '../blobs/kzg.ts';
import { type DeployedOptimistic, latestTime } from '../contracts/deployment.ts';
import { NO_KZG } from '../derivation/no-kzg.ts';
import { createBlobShelf } from '../l1/blob-shelf.ts';
import type { BuiltAssertion, Tip } from '../optimistic/asserted-batch.ts';
import { assertBatch, buildOn } from '../optimistic/calls.ts';
import type { ChunkScript } from '../optimistic/claimed-chunk.ts';
import { type BlobAssertion, buildInBlobs, sendInBlobs } from '../optimistic/in-blobs.ts';
import type { WatcherSetup } from '../watcher/watch.ts';

export type DataPlace = 'calldata' | 'blobs';

/** One way to L1. */
export interface ArenaData {
  readonly place: DataPlace;
  /** What a watcher needs to read it. */
  sources(): Promise<Pick<WatcherSetup, 'blobs' | 'kzg'>>;
  /** A batch on `tip`, by default at the time of the last block. */
  build(world: DeployedOptimistic, tip: Tip, chunks: readonly ChunkScript[], time?: number): Promise<BuiltAssertion>;
  /** Asserts it. @returns its assertion's id. */
  assert(world: DeployedOptimistic, built: BuiltAssertion, signer: Signer): Promise<bigint>;
}

const inCalldata: ArenaData = {
  place: 'calldata',
  sources: async () => ({ blobs: NO_BLOB_SOURCE, kzg: NO_KZG }),
  build: buildOn,
  assert: (world, built, signer) => assertBatch(world, built, signer),
};

/** Blobs that everybody finds on one shelf. */
function inBlobs(): ArenaData {
  const shelf = createBlobShelf();
  return {
    place: 'blobs',
    sources: async () => ({ blobs: shelf, kzg: await testKzg() }),
    async build(world, tip, chunks, time) {
      return buildInBlobs(world, tip, { time: time ?? (await latestTime(world)), chunks });
    },
    async assert(world, built, signer) {
      await (await sendInBlobs(world, built as BlobAssertion, { signer })).wait();
      shelf.put(built.blobHashes, built.blobs);
      const [id] = await world.assertions.counts();
      return id;
    },
  };
}

export const createArenaData = (place: DataPlace): ArenaData => (place === 'blobs' ? inBlobs() : inCalldata);
