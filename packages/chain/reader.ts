/** Reads the rollup contract through an ethers provider. */

import { type Bytes32, RollupError, ZERO_BYTES32 } from '@quittance/protocol';
import type { Log } from 'ethers';
import { decodeAssertionSubmission } from './assertion-calls.ts';
import { decodePostedAssertion } from './assertion-events.ts';
import { askL1 } from './contract-view.ts';
import {
  CLAIM_EVENTS,
  decodeClaims,
  decodeFinalizedBatch,
  decodePriorityRequests,
  decodeSubmission,
  REQUEST_EVENTS,
} from './decode.ts';
import { readDeploymentFacts, readTokenFacts } from './token-facts.ts';
import type { BlockReference, RollupReader } from './types.ts';
import { assertionsView, type ReaderOptions, rollupView } from './views.ts';

/** What is asked of the node itself: its chain and its blocks. */
function askNode({ provider, chainId, contract }: ReaderOptions) {
  async function requireChainId(): Promise<void> {
    const actual = await askL1('asking for the chain id', async () => BigInt(await provider.send('eth_chainId', [])));
    if (actual === chainId) return;
    throw new RollupError('L1_WRONG_CHAIN', `L1 has chain id ${actual}, expected ${chainId}; check the L1 URL`, {
      expected: chainId,
      actual,
    });
  }

  return {
    readBlock: (tag: number | 'latest'): Promise<BlockReference | undefined> =>
      askL1(`reading block ${tag}`, async () => {
        const block = await provider.getBlock(tag);
        if (block === null || block.hash === null) return undefined;
        const { number, hash, parentHash, timestamp } = block;
        return { number, hash, parentHash, timestamp };
      }),

    requireChainId,

    /** The contract is there, on the chain that is expected. */
    async requireContract(): Promise<void> {
      await requireChainId();
      const code = await askL1('reading the contract', () => provider.getCode(contract));
      if (code !== '0x') return;
      throw new RollupError('L1_WRONG_CHAIN', `there is no contract at ${contract}; check the address and the L1 URL`, {
        contract,
      });
    },
  };
}

/** A reader of the contract at `contract`. Call `connect` first. */
export function createRollupReader(options: ReaderOptions): RollupReader {
  const { readBlock, requireChainId, requireContract } = askNode(options);
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
    async head() {
      // In one request: behind a balancer, or after a change of configuration, another chain may answer from now on.
      const [block] = await Promise.all([readBlock('latest'), requireChainId()]);
      if (block === undefined) throw new RollupError('L1_NOT_SYNCED', 'L1 has no latest block; is the node synced?');
      return block;
    },
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
