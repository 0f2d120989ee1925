/** The simulated L1: a pool, blocks, and reorgs that take blocks away and execute what stood in them again, or lose it. */

import type { BlockReference, Included } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { Clock } from '../../../../runtime/index.ts';
import type { Random } from '../../property/random.ts';
import { hashOf, type SimCall } from './calls.ts';
import { Contract, type ContractOptions } from './contract.ts';

/** A transaction, in the pool or in a block. */
export interface SimTransaction {
  readonly hash: string;
  readonly sender: string;
  /** Of the account; of those with the same one L1 includes one. */
  readonly nonce: number;
  readonly call: SimCall;
  /** In no block before this one. */
  notBefore: number;
  /** Block after which it was offered. */
  readonly after: number;
  settle: (outcome: Included | Error) => void;
}

/** After so many blocks who sent a transaction looks why it is in none, as the transaction manager does. */
const STUCK_BLOCKS = 9;

interface Block extends BlockReference {
  readonly transactions: readonly SimTransaction[];
}

/** What was so after one block. */
export interface Progress {
  readonly finalCount: number;
  readonly requestedCount: number;
  readonly assertionCount: number;
  readonly disputeCount: number;
  readonly destinations: number;
}

/** L1 without anybody's view of it. */
export class SimChain {
  readonly options: ContractOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly blocks: Block[];
  readonly #progress: Progress[] = [];
  pool: SimTransaction[] = [];
  contract: Contract;
  /** Another after the first `blocks` blocks, for dry runs; there is none once one changed it. */
  #spare: { readonly contract: Contract; blocks: number } | undefined;
  readonly #nonces = new Map<string, number>();
  #salt = 0;

  constructor(options: Omit<ContractOptions, 'genesisBlock'>, clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    const hash = this.#hash('block');
    this.contract = new Contract({ ...options, genesisBlock: hash });
    this.options = { ...options, genesisBlock: hash };
    this.blocks = [{ number: 0, hash, parentHash: hash, timestamp: options.genesis.time, transactions: [] }];
    this.#note();
  }

  get head(): BlockReference {
    return this.blocks.at(-1)!;
  }

  #hash(what: string): string {
    return hashOf(`${what} ${this.#salt++}`);
  }

  #note(): void {
    const { finals, queue, assertions, destinations } = this.contract;
    const counts = { assertionCount: assertions.assertions.length, disputeCount: assertions.disputes.length };
    this.#progress.push({ finalCount: finals.length, requestedCount: queue.requests.length, ...counts, destinations });
  }

  /** How far everything was after a block of the chain as it is. @throws L1_UNREACHABLE for a block that is not in it. */
  progressAt(hash: string | undefined): Progress {
    const position =
      hash === undefined ? this.blocks.length - 1 : this.blocks.findIndex((block) => block.hash === hash);
    if (position < 0) throw new RollupError('L1_UNREACHABLE', `L1 has no block ${hash}`);
    return this.#progress[position]!;
  }

  /** Nonce after the account's last included transaction. */
  nonceOf(sender: string): number {
    return this.#nonces.get(sender) ?? 0;
  }

  /** Whether a transaction of the account will be included: one behind a nonce that a reorg lost waits for ever. */
  readonly isToInclude = (account: string): boolean =>
    this.pool.some(({ sender, nonce }) => sender === account && nonce === this.nonceOf(account));

  /** What the call would do in the next block. @throws L1_REJECTED. */
  dryRun(sender: string, call: SimCall): void {
    const { contract, blocks } = this.#spare ?? { contract: new Contract(this.options), blocks: 0 };
    replay(contract, this.blocks.slice(blocks));
    this.#spare = { contract, blocks: this.blocks.length };
    contract.execute(call, { sender, transactionHash: 'dry', block: this.#next() });
    this.#spare = undefined;
  }

  #next(): BlockReference {
    const { number, hash, timestamp } = this.head;
    const now = Math.floor(this.#clock.nowMs() / 1_000);
    return { number: number + 1, hash: 'next', parentHash: hash, timestamp: Math.max(timestamp + 1, now) };
  }

  /** Puts a transaction into the pool. */
  offer(
    sender: string,
    call: SimCall,
    nonce: number,
    settle: SimTransaction['settle'],
    delayBlocks = 0,
  ): SimTransaction {
    const hash = this.#hash('transaction');
    const after = this.head.number;
    const transaction = { hash, sender, nonce, call, settle, after, notBefore: after + 1 + delayBlocks };
    this.pool.push(transaction);
    return transaction;
  }

  /** A block of what is due in the pool, in any order that nonces allow. */
  mine(): void {
    const { number, ...next } = this.#next();
    const block: Block = { ...next, number, hash: this.#hash('block'), transactions: [] };
    const included: SimTransaction[] = [];
    const outcomes: (() => void)[] = [];
    for (;;) {
      const ready = this.pool.filter(
        ({ nonce, sender, notBefore }) => notBefore <= number && nonce === this.nonceOf(sender),
      );
      if (ready.length === 0) break;
      const transaction = this.#random.pick(ready);
      this.pool = this.pool.filter((other) => other !== transaction);
      this.#nonces.set(transaction.sender, transaction.nonce + 1);
      included.push(transaction);
      const failure = run(this.contract, transaction, block);
      const place = { transactionHash: transaction.hash, blockNumber: number, blockHash: block.hash };
      outcomes.push(() => transaction.settle(failure ?? { ...place, gasUsed: 1n, costWei: 1n }));
    }
    this.blocks.push({ ...block, transactions: included });
    this.#note();
    // Others with a nonce that is used now are in no block ever.
    const lost = this.pool.filter(({ nonce, sender }) => nonce < this.nonceOf(sender));
    this.pool = this.pool.filter((transaction) => !lost.includes(transaction));
    for (const tell of outcomes) tell();
    for (const { settle, nonce } of lost) {
      settle(new RollupError('NONCE_TAKEN', `nonce ${nonce} was used by another transaction`, { nonce, account: '' }));
    }
    this.#tellWhoWaits(number);
  }

  /** Whose transaction waits behind a nonce that a reorg freed hears of that, and the transaction stays. */
  #tellWhoWaits(number: number): void {
    for (const transaction of this.pool) {
      const { nonce, sender, after, settle } = transaction;
      const next = this.nonceOf(sender);
      if (nonce <= next || number < after + STUCK_BLOCKS) continue;
      transaction.settle = () => undefined;
      settle(new RollupError('NONCE_AHEAD', `nonce ${nonce} is ahead`, { account: sender, nonce, next }));
    }
  }

  /**
   * Takes the last blocks away.
   *
   * @param keeps whether a transaction comes back, at once and in its order, and is not lost.
   */
  reorg(depth: number, keeps: (transaction: SimTransaction) => boolean): void {
    const removed = this.blocks.splice(this.blocks.length - depth);
    this.#progress.splice(this.blocks.length);
    this.contract = replay(new Contract(this.options), this.blocks);
    this.#spare = undefined;
    this.#nonces.clear();
    for (const { transactions } of this.blocks) {
      for (const { sender, nonce } of transactions) this.#nonces.set(sender, nonce + 1);
    }
    const back = removed.flatMap(({ transactions }) => transactions).filter(keeps);
    // A transaction behind one that was lost waits in the pool until somebody fills its nonce.
    this.pool = [...back.map((old) => ({ ...old, notBefore: 0, settle: () => undefined })), ...this.pool];
    for (const _ of removed) this.mine();
  }
}

/** Executes what stands in these blocks. */
function replay(contract: Contract, blocks: readonly Block[]): Contract {
  for (const block of blocks) for (const transaction of block.transactions) run(contract, transaction, block);
  return contract;
}

/** Executes a transaction. @returns why it failed, if it did: it stays in its block. */
function run(contract: Contract, { sender, hash, call }: SimTransaction, block: BlockReference): Error | undefined {
  try {
    contract.execute(call, { sender, transactionHash: hash, block });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
