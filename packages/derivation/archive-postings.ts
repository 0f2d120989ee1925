/** Finds the transactions whose blobs an archive keeps: of batches that are final, and of those that wait. */

import type { BlobRequest, BlockReference, FinalizedBatch, PostedAssertion, RollupReader } from '@quittance/chain';
import { type Bytes32, isRollupError, RollupError } from '@quittance/protocol';
import {
  type FinalBatches,
  type FinalData,
  type PostedData,
  readAssertions,
  readFinalBatches,
  readFinalData,
  readPosted,
} from './final-batches.ts';

/** How far the events of L1 were read. */
export interface PostingsProgress {
  /** The next look begins here: what lies before was read, and is too deep for L1 to replace it. */
  readonly nextBlock: number;
  /** The first final batch in it or behind it. */
  readonly nextBatch: number;
  /** No data of that batch, or of a later one, lies before this block. */
  readonly dataBlock: number;
}

/** What a look found. */
export interface FoundPostings {
  /** What is new, each once while this process lives. The next one is read when it is asked for. */
  readonly requests: AsyncIterable<BlobRequest>;
  /** How far it is, once all of them were taken. */
  progress(): PostingsProgress;
}

/** Blocks that are read again in each look, since L1 may have replaced them. */
const REREAD_BLOCKS = 128;

/** A transaction in its block: a reorg can move it, and beacon nodes find its blobs by the block. */
type Place = Pick<PostedAssertion, 'transactionHash' | 'blockHash' | 'blockNumber'>;

const nameOf = ({ transactionHash, blockHash }: Place): string => `${transactionHash} in ${blockHash}`;

/** @throws RollupError L1_BEHIND when the node has not the blocks that were read before; nothing is forgotten for it. */
function requireNotBehind({ number }: BlockReference, { nextBlock }: PostingsProgress): void {
  if (number >= nextBlock - 1) return;
  const message =
    `the newest block of L1 is ${number}, blocks before ${nextBlock} were read before: the node is not synced. Give ` +
    'another node, or another folder when this chain began anew';
  throw new RollupError('L1_BEHIND', message, { expected: nextBlock - 1, actual: number });
}

/** A search through the events of one rollup. */
export function createPostings(reader: RollupReader) {
  /** What needs no second reading, with its block. */
  const done = new Map<string, number>();
  /** Assertions since `dataBlock` by header hash; read when the first one is needed, for most rollups prove at once. */
  let earlier: Map<Bytes32, PostedAssertion> | undefined;

  /**
   * The data of a final batch, also where its assertion lies before the blocks that this look reads.
   *
   * @throws RollupError L1_LOGS_INCOMPLETE when L1 leaves its assertion out.
   */
  async function dataOf(batch: FinalizedBatch, near: FinalBatches, from: PostingsProgress): Promise<FinalData> {
    try {
      return await readFinalData(reader, batch, near);
    } catch (error) {
      if (!isRollupError(error, 'L1_LOGS_INCOMPLETE')) throw error;
    }
    earlier ??= new Map([...(await readAssertions(reader, from.dataBlock, from.nextBlock - 1)), ...near.asserted]);
    try {
      return await readFinalData(reader, batch, { asserted: earlier });
    } catch (error) {
      earlier = undefined; // the next look reads them again
      throw error;
    }
  }

  /** The blobs of a transaction; undefined when it has none. */
  async function requestOf({ data }: PostedData, blockNumber: number): Promise<BlobRequest | undefined> {
    const versionedHashes = data.blobHashes;
    if (versionedHashes.length === 0) return undefined;
    const block = await reader.block(blockNumber);
    if (block === undefined) throw new RollupError('L1_REORG', `L1 has no block ${blockNumber} any more`);
    return { versionedHashes, blockNumber, timestamp: block.timestamp };
  }

  async function* requests(near: FinalBatches, from: PostingsProgress): AsyncGenerator<BlobRequest> {
    const isDone = (place: Place | undefined) => place !== undefined && done.has(nameOf(place));
    for (const assertion of near.asserted.values()) {
      if (isDone(assertion)) continue;
      const request = await requestOf(await readPosted(reader, assertion), assertion.blockNumber);
      if (request !== undefined) yield request;
      done.set(nameOf(assertion), assertion.blockNumber);
    }
    for (const batch of near.finalized) {
      if (batch.header.number === 0 || isDone(batch)) continue;
      const { headerHash } = batch;
      if (!isDone(near.asserted.get(headerHash) ?? earlier?.get(headerHash))) {
        const posted = await dataOf(batch, near, from);
        const request = await requestOf(posted, posted.blockNumber);
        if (request !== undefined) yield request;
      }
      done.set(nameOf(batch), batch.blockNumber);
    }
  }

  /** What is behind the reach of a reorg is not read again, and forgotten here. */
  function advance({ finalized }: FinalBatches, from: PostingsProgress, head: BlockReference): PostingsProgress {
    const nextBlock = Math.max(from.nextBlock, head.number + 1 - REREAD_BLOCKS);
    for (const [name, block] of done) if (block < nextBlock) done.delete(name);
    const last = finalized.filter(({ blockNumber }) => blockNumber < nextBlock).at(-1);
    if (last === undefined) return { ...from, nextBlock };
    const nextBatch = last.header.number + 1;
    // A batch may have waited and been proven all the same: those on it can wait since before its proof.
    if (earlier === undefined) return { ...from, nextBlock, nextBatch };
    const dataBlock = (earlier.get(last.headerHash) ?? last).blockNumber;
    for (const [hash, { blockNumber }] of earlier) if (blockNumber < dataBlock) earlier.delete(hash);
    return { nextBlock, nextBatch, dataBlock };
  }

  return {
    /**
     * Reads the events up to the newest block.
     *
     * @throws RollupError NO_DEPLOYMENT, L1_BEHIND, L1_LOGS_INCOMPLETE when a final batch is missing that the contract has,
     * L1_UNREACHABLE; when requests are taken also as `readFinalData` or `readPosted`, or L1_REORG.
     */
    async find(from: PostingsProgress, head: BlockReference): Promise<FoundPostings> {
      requireNotBehind(head, from);
      const near = await readFinalBatches(reader, from.nextBlock, from.nextBatch, head);
      for (const [hash, assertion] of near.asserted) earlier?.set(hash, assertion);
      return { requests: requests(near, from), progress: () => advance(near, from, head) };
    },
  };
}
