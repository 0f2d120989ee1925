/**
 * Gets one transaction of an account included: simulated before it is sent, sent again with the same nonce and a
 * higher fee when it is stuck, and never a second time once it is in.
 */

import { isRollupError, RollupError } from '@quittance/protocol';
import { type JsonRpcApiProvider, NonceManager, type Signer, type TransactionReceipt } from 'ethers';
import type { Clock, Logger } from '../../runtime/index.ts';
import { translateChainError } from './errors.ts';

export interface TransactionOptions {
  readonly provider: JsonRpcApiProvider;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After this long without inclusion the fee is raised. */
  readonly stuckAfterMs?: number;
  /** How often it is looked for. */
  readonly pollMs?: number;
  /** How often the fee is raised at most. */
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
  /** @throws RollupError L1_REJECTED, TIMEOUT, L1_UNREACHABLE, or the signal's reason. */
  send(call: TransactionCall, signal?: AbortSignal): Promise<TransactionReceipt>;
  /**
   * What the call would use now, and wei per gas at the market; nothing is sent.
   *
   * @throws RollupError L1_REJECTED with the contract's error, or L1_UNREACHABLE.
   */
  estimate(call: TransactionCall): Promise<{ readonly gas: bigint; readonly feePerGas: bigint }>;
}

interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

const DEFAULT_MAX_FEE = 500n * 10n ** 9n;

/** Nodes accept a replacement whose both fees are at least 10 % higher; 25 % also catches up with the market. */
const raised = (fee: bigint): bigint => (fee * 125n) / 100n + 1n;

/** Math.min does not take bigints. */
function lower(one: bigint, other: bigint): bigint {
  if (one < other) return one;
  return other;
}

/** Math.max does not take bigints. */
function higher(one: bigint, other: bigint): bigint {
  if (one > other) return one;
  return other;
}

const ALREADY_THERE = /already known|already imported|nonce too low|nonce has already been used|NONCE_EXPIRED/i;
const UNDERPRICED = /underpriced|REPLACEMENT_UNDERPRICED|fee too low/i;

/** A transaction manager for `signer`. */
export function createTransactionManager(options: TransactionOptions): TransactionManager {
  const { provider, clock, logger } = options;
  // A NonceManager counts by itself: a replacement would get another nonce and be a second transaction.
  const signer = options.signer instanceof NonceManager ? options.signer.signer : options.signer;
  const { stuckAfterMs = 45_000, pollMs = 1_000, maxReplacements = 8, maxFeePerGas: limit = DEFAULT_MAX_FEE } = options;
  let queue: Promise<unknown> = Promise.resolve();

  async function currentFees(): Promise<Fees> {
    const { maxFeePerGas, maxPriorityFeePerGas, gasPrice } = await provider.getFeeData();
    const priority = maxPriorityFeePerGas ?? gasPrice ?? 0n;
    return { maxFeePerGas: maxFeePerGas ?? gasPrice ?? priority, maxPriorityFeePerGas: priority };
  }

  function capped({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
    const fee = lower(maxFeePerGas, limit);
    return { maxFeePerGas: fee, maxPriorityFeePerGas: lower(maxPriorityFeePerGas, fee) };
  }

  /** Whichever of the sent transactions was included: all share one nonce, so at most one can be. */
  async function includedOf(hashes: readonly string[]): Promise<TransactionReceipt | undefined> {
    for (const hash of hashes) {
      const receipt = await provider.getTransactionReceipt(hash);
      if (receipt !== null) return receipt;
    }
    return undefined;
  }

  async function broadcast(
    call: TransactionCall,
    nonce: number,
    gasLimit: bigint,
    fees: Fees,
  ): Promise<string | undefined> {
    try {
      const response = await signer.sendTransaction({
        ...call,
        nonce,
        gasLimit,
        type: 2,
        chainId: (await provider.getNetwork()).chainId,
        ...fees,
      });
      return response.hash;
    } catch (error) {
      const text = `${(error as { code?: string }).code ?? ''} ${(error as Error).message}`;
      if (UNDERPRICED.test(text) || ALREADY_THERE.test(text)) {
        logger.warn('L1 did not take the transaction; it will be offered again', { nonce, error });
        return undefined;
      }
      throw error;
    }
  }

  async function waitForInclusion(
    hashes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<TransactionReceipt | undefined> {
    const deadline = clock.nowMs() + stuckAfterMs;
    for (;;) {
      const receipt = await includedOf(hashes);
      if (receipt !== undefined) return receipt;
      if (clock.nowMs() >= deadline) return undefined;
      await clock.sleep(pollMs, signal);
    }
  }

  /**
   * Executes the call without sending it, on the latest block, or else on the pending one: on an L1 that makes blocks
   * only for transactions the latest one may be older than what the call needs.
   *
   * @returns the block on which it succeeds. @throws what it fails with on the latest block.
   */
  async function simulate(call: TransactionCall, from: string): Promise<'latest' | 'pending'> {
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
  }

  /** The nonce to use. @throws RollupError L1_REJECTED when the one that the caller wants is not the account's next. */
  async function nonceFor(from: string, wanted: number | undefined): Promise<number> {
    const next = await provider.getTransactionCount(from, 'latest');
    if (wanted === undefined || wanted === next) return next;
    throw new RollupError('L1_REJECTED', `the next nonce of ${from} is ${next}, the transaction was to use ${wanted}`, {
      error: wanted < next ? 'NONCE_TAKEN' : 'NONCE_AHEAD',
      expected: wanted,
      actual: next,
    });
  }

  async function sendOne(
    { nonce: wanted, ...call }: TransactionCall,
    signal: AbortSignal | undefined,
  ): Promise<TransactionReceipt> {
    const from = await signer.getAddress();
    const blockTag = await simulate(call, from);
    const gasLimit = ((await provider.estimateGas({ ...call, from, blockTag })) * 6n) / 5n;
    // The nonce after the last included transaction: whatever is pending is ours and is replaced.
    const nonce = await nonceFor(from, wanted);
    const hashes: string[] = [];
    let fees = capped(await currentFees());
    for (let replacement = 0; replacement <= maxReplacements; replacement++) {
      signal?.throwIfAborted();
      const hash = await broadcast(call, nonce, gasLimit, fees);
      if (hash !== undefined) hashes.push(hash);
      else if (
        (await provider.getTransactionCount(from, 'latest')) > nonce &&
        (await includedOf(hashes)) === undefined
      ) {
        throw new RollupError(
          'L1_REJECTED',
          `another transaction of ${from} used nonce ${nonce}; it will be tried again`,
          {
            error: 'NONCE_TAKEN',
            nonce,
          },
        );
      }
      const receipt = hash === undefined ? await includedOf(hashes) : await waitForInclusion(hashes, signal);
      if (receipt !== undefined) {
        if (receipt.status === 1) return receipt;
        await simulate(call, from); // says why, when the reason still holds
        throw new RollupError('L1_REJECTED', `transaction ${receipt.hash} failed`, {
          error: 'FAILED',
          transactionHash: receipt.hash,
        });
      }
      const market = await currentFees();
      fees = capped({
        maxFeePerGas: higher(raised(fees.maxFeePerGas), market.maxFeePerGas),
        maxPriorityFeePerGas: higher(raised(fees.maxPriorityFeePerGas), market.maxPriorityFeePerGas),
      });
      logger.warn('a transaction is stuck; it is sent again with a higher fee', { nonce, ...fees });
    }
    throw new RollupError(
      'TIMEOUT',
      `the transaction with nonce ${nonce} was not included after ${maxReplacements} raised fees`,
      {
        nonce,
        hashes: hashes.join(','),
      },
    );
  }

  return {
    async estimate({ nonce: _, ...call }) {
      try {
        const from = await signer.getAddress();
        const blockTag = await simulate(call, from);
        const gas = await provider.estimateGas({ ...call, from, blockTag });
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
