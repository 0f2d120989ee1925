/** Views, logs and transactions of one contract, checked: what L1 answers is either what was asked for or an error. */

import { type Bytes32, isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import { Contract, type Interface, isHexString, type JsonRpcApiProvider, type Log } from 'ethers';
import { requireBlobHashes } from './blobs/versioned-hash.ts';
import { translateChainError } from './errors.ts';
import type { TransactionContent } from './types.ts';
import { unreadableLog } from './unreadable-log.ts';

export interface ContractViewOptions {
  readonly provider: JsonRpcApiProvider;
  /** Address of the contract. */
  readonly address: string;
  readonly abi: Interface;
  /** Most blocks that one log query spans. */
  readonly maxBlockRange: number;
}

/** Which logs are asked for. */
export interface LogQuery<T> {
  /** Names of the events; any of them matches. */
  readonly events: readonly string[];
  /** Indexed values of those events, null for any. */
  readonly indexed?: readonly (string | null)[];
  readonly fromBlock: number;
  readonly toBlock: number;
  /** @throws anything when the log is none of these events. */
  readonly decode: (log: Log) => T;
}

/** Reads one contract. Every method throws RollupError L1_UNREACHABLE when L1 does not answer. */
export interface ContractView {
  readonly address: string;
  /** A view function by name, typed by its caller. */
  view<T>(name: string, ...args: unknown[]): Promise<T>;
  /** All results of a view as it was after one block, whatever the newest one is. */
  viewAt<T>(blockHash: Bytes32, name: string, ...args: unknown[]): Promise<T>;
  /**
   * Logs in blocks [from, to], in order. Whether they are all is for the caller to check (`requireAll`).
   *
   * @throws RollupError L1_LOG_FOREIGN, L1_LOG_UNREADABLE or L1_INCONSISTENT.
   */
  logs<T>(query: LogQuery<T>): Promise<T[]>;
  /** What a transaction carries. @throws RollupError L1_TRANSACTION_UNKNOWN. */
  transaction(transactionHash: Bytes32): Promise<TransactionContent>;
}

type ViewFunction = (...args: unknown[]) => Promise<unknown>;

/** Asks L1; `task` is for the message of the error. @throws RollupError L1_REJECTED or L1_UNREACHABLE. */
export async function askL1<T>(task: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw translateChainError(task, error);
  }
}

/** The logs of one query, each of which stands in a place of its own. */
class LogPages {
  readonly #places = new Map<number, { readonly blockHash: string; readonly indices: Set<number> }>();

  /** @throws RollupError L1_INCONSISTENT when another log stands in its place, or in another block of its number. */
  add({ blockNumber, blockHash, index }: Log): void {
    const block = this.#places.get(blockNumber) ?? { blockHash, indices: new Set() };
    this.#places.set(blockNumber, block);
    if (block.blockHash !== blockHash) {
      throw inconsistent(`block ${blockNumber}`, block.blockHash, blockHash);
    }
    if (block.indices.has(index)) {
      throw inconsistent(`log ${index} of block ${blockNumber}`, 'one log', 'another');
    }
    block.indices.add(index);
  }
}

function inconsistent(what: string, expected: string, actual: string): RollupError {
  const message = `L1 gave two answers about ${what}: ${expected} and ${actual}; check the node`;
  return new RollupError('L1_INCONSISTENT', message, { what, expected, actual });
}

/** @throws RollupError L1_LOG_FOREIGN unless the log is one of this contract in these blocks. */
function requireAskedFor({ address, blockNumber, index, removed }: Log, contract: string, from: number, to: number) {
  const isOurs = isSameAddress(address, contract) && !removed;
  if (isOurs && blockNumber >= from && blockNumber <= to) return;
  const message = `L1 gave log ${index} of block ${blockNumber}, which was not asked for; check the node`;
  throw new RollupError('L1_LOG_FOREIGN', message, { address, block: blockNumber, log: index });
}

/** @throws RollupError L1_INCONSISTENT when the log contradicts itself, L1_LOG_UNREADABLE whatever else is wrong with it. */
function decodeLog<T>(decode: (log: Log) => T, log: Log): T {
  try {
    return decode(log);
  } catch (error) {
    const isTold = isRollupError(error, 'L1_LOG_UNREADABLE') || isRollupError(error, 'L1_INCONSISTENT');
    throw isTold ? error : unreadableLog(log, error);
  }
}

/** @throws RollupError L1_INCONSISTENT when the node's answer is no transaction, or none that a block of L1 has. */
function transactionContent(transactionHash: Bytes32, answer: unknown): TransactionContent {
  const { input, blobVersionedHashes = [] } = answer as {
    readonly input?: unknown;
    readonly blobVersionedHashes?: unknown;
  };
  if (!isHexString(input) || !Array.isArray(blobVersionedHashes)) {
    throw inconsistent(`transaction ${transactionHash}`, 'calldata and hashes of blobs', 'neither');
  }
  return { data: input, blobHashes: requireBlobHashes(blobVersionedHashes) };
}

/** A reader of the contract at `address`. */
export function createContractView({ provider, address, abi, maxBlockRange }: ContractViewOptions): ContractView {
  const contract = new Contract(address, abi, provider);

  return {
    address,
    view: <T>(name: string, ...args: unknown[]) =>
      askL1(`reading ${name}`, () => (contract.getFunction(name) as unknown as ViewFunction)(...args) as Promise<T>),
    viewAt: <T>(blockHash: Bytes32, name: string, ...args: unknown[]) =>
      askL1(`reading ${name} at block ${blockHash}`, async () => {
        const call = { to: address, data: abi.encodeFunctionData(name, args) };
        // By hash (EIP-1898): a node that does not have this very block fails instead of answering about another.
        const answer = (await provider.send('eth_call', [call, { blockHash }])) as string;
        return abi.decodeFunctionResult(name, answer) as unknown as T;
      }),
    async logs<T>(query: LogQuery<T>) {
      const { events, indexed = [], fromBlock, toBlock } = query;
      const topics = [events.map((event) => abi.getEvent(event)!.topicHash), ...indexed];
      const found: T[] = [];
      const pages = new LogPages();
      for (let from = fromBlock; from <= toBlock; from += maxBlockRange) {
        const to = Math.min(toBlock, from + maxBlockRange - 1);
        const page = await askL1(`reading ${events.join(', ')} in blocks ${from} to ${to}`, () =>
          provider.getLogs({ address, topics, fromBlock: from, toBlock: to }),
        );
        for (const log of page) {
          requireAskedFor(log, address, from, to);
          pages.add(log);
          found.push(decodeLog(query.decode, log));
        }
      }
      return found;
    },
    async transaction(transactionHash) {
      // As the node says it: not every provider of ethers passes the hashes of blobs on.
      const answer: unknown = await askL1(`reading transaction ${transactionHash}`, () =>
        provider.send('eth_getTransactionByHash', [transactionHash]),
      );
      if (answer === null) {
        throw new RollupError('L1_TRANSACTION_UNKNOWN', `L1 has no transaction ${transactionHash}`, {
          transactionHash,
        });
      }
      return transactionContent(transactionHash, answer);
    },
  };
}
