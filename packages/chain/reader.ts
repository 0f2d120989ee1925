/** Reads the rollup contract through an ethers provider. */

import { type Bytes32, ZERO_BYTES32 } from '@quittance/protocol';
import type { Log } from 'ethers';
import { askNode } from './ask-node.ts';
import { decodeAssertionSubmission } from './assertion-calls.ts';
import { decodePostedAssertion } from './assertion-events.ts';
import {
  CLAIM_EVENTS,
  decodeClaims,
  decodeFinalizedBatch,
  decodePriorityRequests,
  decodeSubmission,
  REQUEST_EVENTS,
} from './decode.ts';
import { readDeploymentFacts, readTokenFacts } from './token-facts.ts';
import type { RollupReader } from './types.ts';
import { assertionsView, type ReaderOptions, rollupView } from './views.ts';

/** A reader of the contract at `contract`. Call `connect` first. */
export function createRollupReader(options: ReaderOptions): RollupReader {
  const { readBlock, readHead, requireContract } = askNode(options);
  const rollup = rollupView(options);
  const { view, viewAt, logs, transaction } = rollup;

  const counts = (name: string, blockHash: Bytes32 | undefined): Promise<readonly bigint[]> =>
    blockHash === undefined ? view(name) : viewAt(blockHash, name);

  const logsOf = <T>(
    event: string,
    fromBlock: number,
    toBlock: number,
    decode: (log: Log) => T,
    indexed: readonly (string | null)[] = [],
  ): Promise<T[]> => logs({ events: [event], indexed, fromBlock, toBlock, decode });

  return {
    chainId: options.chainId,
    contract: options.contract,
    async connect() {
      await requireContract();
      const [domain, slotsPerChunk, maxChunks, maxBatchAge] = await Promise.all(
        ['domain', 'slotsPerChunk', 'maxChunks', 'maxBatchAge'].map((name) => view<bigint>(name)),
      );
      const blobsAllowed = await view<boolean>('blobsAllowed');
      return {
        domain: domain!,
        slotsPerChunk: Number(slotsPerChunk),
        maxChunks: Number(maxChunks),
        maxBatchAgeSeconds: Number(maxBatchAge),
        blobsAllowed,
      };
    },
    head: readHead,
    block: readBlock,
    async finalState(blockHash) {
      const [number, priorityCount, transferToNewCount] = await counts('finalState', blockHash);
      return {
        number: Number(number),
        priorityCount: Number(priorityCount),
        transferToNewCount: Number(transferToNewCount),
      };
    },
    async queueState(blockHash) {
      const [requestedCount, depositCount] = await counts('queueState', blockHash);
      return { requestedCount: Number(requestedCount), depositCount: Number(depositCount) };
    },
    deploymentFacts: () => readDeploymentFacts(view),
    tokenFacts: (tokenId) => readTokenFacts(options.provider, view, tokenId),
    destinationCount: async (blockHash) => Number(await viewAt<bigint>(blockHash, 'destinationCount')),
    async headerHash(number) {
      const hash = await view<Bytes32>('headerHash', number);
      return hash === ZERO_BYTES32 ? undefined : hash;
    },
    async priorityRequests(fromBlock, toBlock) {
      const query = { events: REQUEST_EVENTS, fromBlock, toBlock, decode: decodePriorityRequests };
      return (await logs(query)).flat();
    },
    finalizedBatches: (from, to) => logsOf('BatchFinalized', from, to, decodeFinalizedBatch),
    async findBatch(number, from, to) {
      const topic = `0x${number.toString(16).padStart(64, '0')}`;
      return (await logsOf('BatchFinalized', from, to, decodeFinalizedBatch, [topic])).at(-1);
    },
    async claims(fromBlock, toBlock) {
      return (await logs({ events: CLAIM_EVENTS, fromBlock, toBlock, decode: decodeClaims })).flat();
    },
    submission: async (transactionHash) => decodeSubmission(await transaction(transactionHash)),
    async assertions(fromBlock, toBlock) {
      const contract = await assertionsView(rollup, options);
      if (contract === undefined) return [];
      return contract.logs({ events: ['BatchAsserted'], fromBlock, toBlock, decode: decodePostedAssertion });
    },
    batchData: async (transactionHash) => decodeAssertionSubmission(await transaction(transactionHash)),
  };
}
