/**
 * Gets one transaction of an account included: simulated before it is sent, sent again with the same nonce and a
 * higher fee when it is stuck, and never a second time once it is in.
 */

import { isRollupError, RollupError } from '@quittance/protocol';
import {
  type JsonRpcApiProvider,
  NonceManager,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
} from 'ethers';
import type { Clock, Logger } from '../../runtime/index.ts';
import { translateChainError } from './errors.ts';
import { canRaise, capFees, marketFees, raiseFees } from './fees.ts';
import { afterOffer, chooseNonce, isNonceRefusal, nonceTaken } from './offers.ts';

export interface TransactionOptions {
  readonly provider: JsonRpcApiProvider;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The fee is raised after this long without inclusion. */
  readonly stuckAfterMs?: number;
  /** Pause between two looks for the receipt. */
  readonly pollMs?: number;
  /** Most times that the fee is raised. */
  readonly maxReplacements?: number;
  /** No fee per gas above this is ever offered, in wei. */
  readonly maxFeePerGas?: bigint;
}

/** A call of a contract. */
export interface TransactionCall {
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value?: bigint;
  /** The next one of the account when absent. Of calls with the same nonce L1 includes one at most. */
  readonly nonce?: number;
}

/** Sends transactions of one account, one at a time. */
export interface TransactionManager {
  /**
   * Sends it and waits until it is in a block.
   *
   * @throws RollupError L1_REJECTED when the contract would refuse it, TRANSACTION_FAILED, TRANSACTION_STUCK, NONCE_TAKEN,
   * NONCE_AHEAD, L1_WRONG_CHAIN, L1_UNREACHABLE, or the signal's reason.
   */
  send(call: TransactionCall, signal?: AbortSignal): Promise<TransactionReceipt>;
  /**
   * What the call would use now, and wei per gas at the market; nothing is sent.
   *
   * @throws RollupError L1_REJECTED with the contract's error, or L1_UNREACHABLE.
   */
  estimate(call: TransactionCall): Promise<{ readonly gas: bigint; readonly feePerGas: bigint }>;
}

const DEFAULT_MAX_FEE = 500n * 10n ** 9n;

/** A call without its nonce. */
type Call = Omit<TransactionCall, 'nonce'>;

/** What one account asks of L1. */
function createAccount({
  provider,
  signer: given,
  logger,
}: Pick<TransactionOptions, 'provider' | 'signer' | 'logger'>) {
  // A NonceManager counts by itself: a replacement would get another nonce and be a second transaction.
  const signer = given instanceof NonceManager ? given.signer : given;
  return {
    address: () => signer.getAddress(),
    nextNonce: (from: string) => provider.getTransactionCount(from, 'latest'),
    market: async () => marketFees(await provider.getFeeData()),

    /** @throws RollupError L1_WRONG_CHAIN when another chain answers: nothing of ours may be sent to it. */
    async requireChain(): Promise<bigint> {
      const { chainId: expected } = await provider.getNetwork();
      const actual = BigInt(await provider.send('eth_chainId', []));
      if (actual === expected) return expected;
      const message = `L1 has chain id ${actual}, expected ${expected}; nothing was sent. Check the L1 URL`;
      throw new RollupError('L1_WRONG_CHAIN', message, { expected, actual });
    },

    /**
     * Executes the call without sending it, on the latest block, or else on the pending one: on an L1 that makes blocks
     * only for transactions the latest one may be older than what the call needs.
     *
     * @returns the block on which it succeeds. @throws what it fails with on the latest block.
     */
    async simulate(call: Call, from: string): Promise<'latest' | 'pending'> {
      try {
        await provider.call({ ...call, from, blockTag: 'latest' });
        return 'latest';
      } catch (error) {
        try {
          await provider.call({ ...call, from, blockTag: 'pending' });
          return 'pending';
        } catch {
          throw error;
        }
      }
    },

    /** Gas that the call uses now. @throws what it fails with. */
    async estimate(call: Call, from: string): Promise<bigint> {
      const blockTag = await this.simulate(call, from);
      return provider.estimateGas({ ...call, from, blockTag });
    },

    /** @returns its hash, or undefined when the node has another transaction with this nonce. */
    async offer(transaction: TransactionRequest): Promise<string | undefined> {
      try {
        return (await signer.sendTransaction(transaction)).hash;
      } catch (error) {
        if (!isNonceRefusal(error)) throw error;
        logger.warn('L1 did not take the transaction; it is offered again', { nonce: transaction.nonce, error });
        return undefined;
      }
    },

    /** Whichever of the offers was included: all share one nonce, so at most one can be. */
    async includedOf(hashes: readonly string[]): Promise<TransactionReceipt | undefined> {
      for (const hash of hashes) {
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt !== null) return receipt;
      }
      return undefined;
    },
  };
}

type Account = ReturnType<typeof createAccount>;

/** The receipt of a transaction that succeeded. @throws RollupError L1_REJECTED with the reason, or TRANSACTION_FAILED. */
async function requireSuccess(
  account: Account,
  receipt: TransactionReceipt,
  call: Call,
  from: string,
): Promise<TransactionReceipt> {
  if (receipt.status === 1) return receipt;
  await account.simulate(call, from); // says why, when the reason still holds
  const { hash } = receipt;
  throw new RollupError('TRANSACTION_FAILED', `transaction ${hash} is in a block and failed there`, { hash });
}

/** A transaction manager for `signer`. */
export function createTransactionManager(options: TransactionOptions): TransactionManager {
  const { provider, clock, logger } = options;
  const { stuckAfterMs = 45_000, pollMs = 1_000, maxReplacements = 8, maxFeePerGas: limit = DEFAULT_MAX_FEE } = options;
  const account = createAccount(options);
  let queue: Promise<unknown> = Promise.resolve();

  async function waitForInclusion(hashes: readonly string[], signal: AbortSignal | undefined) {
    const deadline = clock.nowMs() + stuckAfterMs;
    for (;;) {
      const receipt = await account.includedOf(hashes);
      if (receipt !== undefined || clock.nowMs() >= deadline) return receipt;
      await clock.sleep(pollMs, signal);
    }
  }

  async function sendOne({ nonce: wanted, ...call }: TransactionCall, signal: AbortSignal | undefined) {
    const chainId = await account.requireChain();
    const from = await account.address();
    const gasLimit = ((await account.estimate(call, from)) * 6n) / 5n;
    const nonce = chooseNonce(from, await account.nextNonce(from), wanted);
    const hashes: string[] = [];
    let fees = capFees(await account.market(), limit);
    for (let replacement = 0; replacement <= maxReplacements; replacement++) {
      signal?.throwIfAborted();
      const hash = await account.offer({ ...call, nonce, gasLimit, type: 2, chainId, ...fees });
      if (hash !== undefined) hashes.push(hash);
      const nextNonce = await account.nextNonce(from);
      let receipt = await account.includedOf(hashes);
      const state = { isTaken: hash !== undefined, nextNonce, isIncluded: receipt !== undefined };
      const move = afterOffer({ ...state, canRaise: canRaise(fees, limit) }, nonce);
      if (move === 'giveUp') throw nonceTaken(from, nonce);
      if (move === 'wait') receipt = await waitForInclusion(hashes, signal);
      if (receipt !== undefined) return requireSuccess(account, receipt, call, from);
      fees = raiseFees(fees, await account.market(), limit);
      logger.warn('a transaction is stuck; it is sent again with a higher fee', { nonce, ...fees });
    }
    throw new RollupError(
      'TRANSACTION_STUCK',
      `the transaction with nonce ${nonce} is in no block after ${maxReplacements} raised fees`,
      { nonce, hashes: hashes.join(',') },
    );
  }

  return {
    async estimate({ nonce: _, ...call }) {
      try {
        const gas = await account.estimate(call, await account.address());
        const { gasPrice, maxFeePerGas } = await provider.getFeeData();
        return { gas, feePerGas: gasPrice ?? maxFeePerGas ?? 0n };
      } catch (error) {
        throw translateChainError('estimating a transaction', error);
      }
    },
    send(call, signal) {
      const result = queue.then(async () => {
        try {
          return await sendOne(call, signal);
        } catch (error) {
          if (isRollupError(error) || signal?.aborted === true) throw error;
          throw translateChainError('sending a transaction', error);
        }
      });
      queue = result.catch(() => undefined);
      return result;
    },
  };
}
