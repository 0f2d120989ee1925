/** Reads the rollup contract through an ethers provider. */

import { Contract, type JsonRpcApiProvider, type Log } from 'ethers';
import { type Bytes32, RollupError } from '../protocol/index.ts';
import { ROLLUP_ABI, rollupInterface } from './abi.ts';
import { decodeClaim, decodeFinalizedBatch, decodePriorityRequest, decodeSubmission } from './decode.ts';
import { translateChainError } from './errors.ts';
import type { BlockReference, RollupReader } from './types.ts';

export interface ReaderOptions {
  readonly provider: JsonRpcApiProvider;
  readonly chainId: bigint;
  /** Address of the rollup contract. */
  readonly contract: string;
  /** Most blocks that one log query spans; providers limit it. */
  readonly maxBlockRange?: number;
}

const DEFAULT_BLOCK_RANGE = 2_000;
const ZERO_HASH = `0x${'00'.repeat(32)}`;

/** A view function of the contract by name, typed by its caller. */
type View = (...args: unknown[]) => Promise<unknown>;

/** A reader of the contract at `contract`. Call `connect` first. */
export function createRollupReader(options: ReaderOptions): RollupReader {
  const { provider, chainId, contract: address, maxBlockRange = DEFAULT_BLOCK_RANGE } = options;
  const contract = new Contract(address, ROLLUP_ABI, provider);

  const asking = async <T>(task: string, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw translateChainError(task, error);
    }
  };
  const view = <T>(name: string, ...args: unknown[]): Promise<T> =>
    asking(`reading ${name}`, () => (contract.getFunction(name) as unknown as View)(...args) as Promise<T>);

  const readBlock = (tag: number | 'latest'): Promise<BlockReference | undefined> =>
    asking(`reading block ${tag}`, async () => {
      const block = await provider.getBlock(tag);
      if (block === null || block.hash === null) return undefined;
      const { number, hash, parentHash, timestamp } = block;
      return { number, hash, parentHash, timestamp };
    });

  /** A provider that answers with what was not asked for is as good as none. */
  function decodeChecked<T>(event: string, log: Log, from: number, to: number, decode: (log: Log) => T): T {
    const isOurs = log.address.toLowerCase() === address.toLowerCase() && !log.removed;
    try {
      if (isOurs && log.blockNumber >= from && log.blockNumber <= to) return decode(log);
    } catch (error) {
      throw new RollupError(
        'L1_UNREACHABLE',
        `L1 gave a log that is no ${event}; check the node`,
        { event },
        { cause: error },
      );
    }
    throw new RollupError('L1_UNREACHABLE', `L1 gave a log that was not asked for; check the node`, {
      event,
      address: log.address,
      blockNumber: log.blockNumber,
    });
  }

  async function logs<T>(
    event: string,
    indexed: readonly (string | null)[],
    fromBlock: number,
    toBlock: number,
    decode: (log: Log) => T,
  ): Promise<T[]> {
    const topics = [rollupInterface.getEvent(event)!.topicHash, ...indexed];
    const found: T[] = [];
    for (let from = fromBlock; from <= toBlock; from += maxBlockRange) {
      const to = Math.min(toBlock, from + maxBlockRange - 1);
      const page = await asking(`reading ${event} in blocks ${from} to ${to}`, () =>
        provider.getLogs({ address, topics: [...topics], fromBlock: from, toBlock: to }),
      );
      for (const log of page) found.push(decodeChecked(event, log, from, to, decode));
    }
    return found;
  }

  return {
    chainId,
    contract: address,
    async connect() {
      const actual = BigInt(await asking('asking for the chain id', () => provider.send('eth_chainId', [])));
      if (actual !== chainId) {
        throw new RollupError('L1_WRONG_CHAIN', `L1 has chain id ${actual}, expected ${chainId}; check the L1 URL`, {
          expected: chainId,
          actual,
        });
      }
      const code = await asking('reading the contract', () => provider.getCode(address));
      if (code === '0x') {
        throw new RollupError(
          'L1_WRONG_CHAIN',
          `there is no contract at ${address}; check the address and the L1 URL`,
          {
            contract: address,
          },
        );
      }
      const [domain, slotsPerChunk, maxChunks, maxBatchAge] = await Promise.all(
        ['domain', 'slotsPerChunk', 'maxChunks', 'maxBatchAge'].map((name) => view<bigint>(name)),
      );
      return {
        domain: domain!,
        slotsPerChunk: Number(slotsPerChunk),
        maxChunks: Number(maxChunks),
        maxBatchAgeSeconds: Number(maxBatchAge),
      };
    },
    async head() {
      const block = await readBlock('latest');
      if (block === undefined) throw new RollupError('L1_UNREACHABLE', 'L1 has no latest block; is the node synced?');
      return block;
    },
    block: readBlock,
    async finalState() {
      const [number, priorityCount, transferToNewCount] = await view<[bigint, bigint, bigint]>('finalState');
      return {
        number: Number(number),
        priorityCount: Number(priorityCount),
        transferToNewCount: Number(transferToNewCount),
      };
    },
    async queueState() {
      const [requestedCount, depositCount] = await view<[bigint, bigint, bigint]>('queueState');
      return { requestedCount: Number(requestedCount), depositCount: Number(depositCount) };
    },
    async headerHash(number) {
      const hash = await view<Bytes32>('headerHash', number);
      return hash === ZERO_HASH ? undefined : hash;
    },
    priorityRequests: (from, to) => logs('PriorityRequested', [], from, to, decodePriorityRequest),
    finalizedBatches: (from, to) => logs('BatchFinalized', [], from, to, decodeFinalizedBatch),
    async findBatch(number, from, to) {
      const topic = `0x${number.toString(16).padStart(64, '0')}`;
      return (await logs('BatchFinalized', [topic], from, to, decodeFinalizedBatch)).at(-1);
    },
    claims: (from, to) => logs('WithdrawalClaimed', [], from, to, decodeClaim),
    async submission(transactionHash) {
      const transaction = await asking(`reading transaction ${transactionHash}`, () =>
        provider.getTransaction(transactionHash),
      );
      if (transaction === null) {
        throw new RollupError('NOT_FOUND', `L1 has no transaction ${transactionHash}`, { transactionHash });
      }
      return decodeSubmission(transaction.data);
    },
  };
}
