/** A reader of an L1 in memory that has nothing but final batches: one a block, from the genesis in block 0 on. */

import type { AssertionSubmission, BatchSubmission, FinalizedBatch, RollupReader } from '@quittance/chain';
import { domainOf, headerHash, type StoredHeader } from '@quittance/protocol';
import { TEST_DEPLOYMENT } from '../rollup/world.ts';

/** A final batch, and the call that brought it. */
export interface PostedBatch {
  readonly header: StoredHeader;
  readonly submission: BatchSubmission | AssertionSubmission;
}

/** Seconds between two blocks. */
const BLOCK_SECONDS = 12;

/** Time of a block. */
export const timeOfBlock = (number: number): number => 1_800_000_000 + BLOCK_SECONDS * number;

const hashOf = (number: number) => `0x${number.toString(16).padStart(64, '0')}`;

/** Batch n is in block n, and so is its assertion if it was asserted. */
export function readerOf(genesis: StoredHeader, batches: readonly PostedBatch[], slotsPerChunk: number): RollupReader {
  const placeOf = (blockNumber: number) => ({
    blockNumber,
    blockHash: hashOf(blockNumber),
    transactionHash: hashOf(1_000 + blockNumber),
  });
  const finals: FinalizedBatch[] = [genesis, ...batches.map(({ header }) => header)].map((header, number) => ({
    ...placeOf(number),
    header,
    headerHash: headerHash(header),
  }));
  const blockOf = (number: number) => ({
    number,
    hash: hashOf(number),
    parentHash: hashOf(number - 1),
    timestamp: timeOfBlock(number),
  });
  const reader: Partial<RollupReader> = {
    connect: async () => ({
      ...{ domain: domainOf(TEST_DEPLOYMENT), slotsPerChunk, maxChunks: 8, maxBatchAgeSeconds: 60, blobsAllowed: true },
    }),
    head: async () => blockOf(batches.length),
    block: async (number) => (number <= batches.length ? blockOf(number) : undefined),
    finalState: async () => ({ number: batches.length, priorityCount: 0, transferToNewCount: 0 }),
    finalizedBatches: async () => finals,
    assertions: async () =>
      finals.filter(({ header: { number } }) => number > 0 && 'authorizations' in batches[number - 1]!.submission),
    batchData: async (hash) => batches[Number(BigInt(hash)) - 1_001]!.submission,
  };
  return reader as RollupReader;
}
