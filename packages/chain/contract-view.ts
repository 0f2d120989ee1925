/** Views, logs and transactions of one contract, checked: what L1 answers is either what was asked for or an error. */

import { type Bytes32, RollupError } from '@quittance/protocol';
import { Contract, type Interface, type JsonRpcApiProvider, type Log } from 'ethers';
import { translateChainError } from './errors.ts';

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

/** Reads one contract. Every method throws RollupError L1_UNREACHABLE when L1 does not answer properly. */
export interface ContractView {
  readonly address: string;
  /** A view function by name, typed by its caller. */
  view<T>(name: string, ...args: unknown[]): Promise<T>;
  /** A view without arguments as it was after one block, whatever the newest one is. */
  viewAt<T>(blockHash: Bytes32, name: string): Promise<T>;
  /** Logs in blocks [from, to], in order. */
  logs<T>(query: LogQuery<T>): Promise<T[]>;
  /** Calldata of a transaction. @throws RollupError L1_TRANSACTION_UNKNOWN. */
  calldata(transactionHash: Bytes32): Promise<string>;
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

/** A reader of the contract at `address`. */
export function createContractView({ provider, address, abi, maxBlockRange }: ContractViewOptions): ContractView {
  const contract = new Contract(address, abi, provider);

  /** A provider that answers with what was not asked for is as good as none. */
  function decodeChecked<T>({ events, decode }: LogQuery<T>, log: Log, from: number, to: number): T {
    const event = events.join(', ');
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

  return {
    address,
    view: <T>(name: string, ...args: unknown[]) =>
      askL1(`reading ${name}`, () => (contract.getFunction(name) as unknown as ViewFunction)(...args) as Promise<T>),
    viewAt: <T>(blockHash: Bytes32, name: string) =>
      askL1(`reading ${name} at block ${blockHash}`, async () => {
        const call = { to: address, data: abi.encodeFunctionData(name) };
        // By hash (EIP-1898): a node that does not have this very block fails instead of answering about another.
        const answer = (await provider.send('eth_call', [call, { blockHash }])) as string;
        return abi.decodeFunctionResult(name, answer) as unknown as T;
      }),
    async logs<T>(query: LogQuery<T>) {
      const { events, indexed = [], fromBlock, toBlock } = query;
      const topics = [events.map((event) => abi.getEvent(event)!.topicHash), ...indexed];
      const found: T[] = [];
      const places = new Map<number, { readonly blockHash: string; readonly indices: Set<number> }>();
      for (let from = fromBlock; from <= toBlock; from += maxBlockRange) {
        const to = Math.min(toBlock, from + maxBlockRange - 1);
        const page = await askL1(`reading ${events.join(', ')} in blocks ${from} to ${to}`, () =>
          provider.getLogs({ address, topics, fromBlock: from, toBlock: to }),
        );
        for (const log of page) {
          found.push(decodeChecked(query, log, from, to));
          const { blockNumber, blockHash, index } = log;
          const block = places.get(blockNumber) ?? { blockHash, indices: new Set() };
          places.set(blockNumber, block);
          if (block.blockHash === blockHash && !block.indices.has(index)) {
            block.indices.add(index);
            continue;
          }
          throw new RollupError('L1_UNREACHABLE', `L1 gave two logs for one place; check the node`, {
            blockNumber,
            index,
          });
        }
      }
      return found;
    },
    async calldata(transactionHash) {
      const transaction = await askL1(`reading transaction ${transactionHash}`, () =>
        provider.getTransaction(transactionHash),
      );
      if (transaction === null) {
        throw new RollupError('L1_TRANSACTION_UNKNOWN', `L1 has no transaction ${transactionHash}`, {
          transactionHash,
        });
      }
      return transaction.data;
    },
  };
}
