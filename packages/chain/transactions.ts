/**
 * Gets one transaction of an account included: simulated before it is sent, sent again with the same nonce and a
 * higher fee when it is stuck, and never a second time once it is in. One with blobs is replaced by itself with doubled
 * fees; as long as it is pending nodes take none without blobs of the account. One that nobody raises any more is given a
 * while, and then replaced by an empty one, so that it keeps no answer to a dispute back.
 */

import { isRollupError } from '@quittance/protocol';
import type { JsonRpcApiProvider, Signer, TransactionReceipt } from 'ethers';
import type { Clock, Logger } from '../../runtime/index.ts';
import { createAccount, type Prices } from './account.ts';
import { EMPTY_BLOB } from './blobs/empty.ts';
import { translateChainError } from './errors.ts';
import { callOf, createInclusion, type TransactionCall } from './inclusion.ts';
import { chooseNonce } from './offers.ts';

export interface TransactionOptions {
  readonly provider: JsonRpcApiProvider;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The fee is raised after this long without inclusion; a pending transaction with blobs that is in the way gets as long. */
  readonly stuckAfterMs?: number;
  /** Pause between two looks for the receipt. */
  readonly pollMs?: number;
  /** Most times that the fee is raised. */
  readonly maxReplacements?: number;
  /** No fee per gas above this is ever offered, in wei. */
  readonly maxFeePerGas?: bigint;
  /** No fee per gas of blobs above this is ever offered, in wei. */
  readonly maxFeePerBlobGas?: bigint;
}

/** Sends transactions of one account, one at a time. */
export interface TransactionManager {
  /**
   * Sends it and waits until it is in a block.
   *
   * @throws RollupError L1_REJECTED when the contract would refuse it, TRANSACTION_FAILED, TRANSACTION_STUCK, NONCE_TAKEN,
   * NONCE_AHEAD, ACCOUNT_RESERVED, L1_WRONG_CHAIN, L1_UNREACHABLE, or the signal's reason.
   */
  send(call: TransactionCall, signal?: AbortSignal): Promise<TransactionReceipt>;
  /**
   * What the call would use now, and wei per gas at the market; nothing is sent.
   *
   * @throws RollupError L1_REJECTED with the contract's error, or L1_UNREACHABLE.
   */
  estimate(call: TransactionCall): Promise<{ readonly gas: bigint; readonly feePerGas: bigint }>;
  /** What gas costs now. @throws RollupError L1_UNREACHABLE. */
  prices(): Promise<Prices>;
}

const DEFAULT_MAX_FEE = 500n * 10n ** 9n;

/** A transaction manager for `signer`. */
export function createTransactionManager(options: TransactionOptions): TransactionManager {
  const { clock, logger } = options;
  const { stuckAfterMs = 45_000, pollMs = 1_000, maxReplacements = 8 } = options;
  const { maxFeePerGas = DEFAULT_MAX_FEE, maxFeePerBlobGas = DEFAULT_MAX_FEE } = options;
  const limits = { maxFeePerGas, maxFeePerBlobGas };
  const account = createAccount(options);
  const include = createInclusion({ account, clock, logger, stuckAfterMs, pollMs, maxReplacements, limits });
  let queue: Promise<unknown> = Promise.resolve();

  /** Ends the wait behind a pending transaction with blobs: it gets into a block, or an empty one does in its place. */
  async function clear(from: string, nonce: number, signal: AbortSignal | undefined): Promise<void> {
    const deadline = clock.nowMs() + stuckAfterMs;
    while ((await account.nextNonce(from)) === nonce && clock.nowMs() < deadline) await clock.sleep(pollMs, signal);
    if ((await account.nextNonce(from)) !== nonce) return;
    logger.warn('a transaction with blobs that is stuck is replaced by an empty one', { nonce });
    try {
      await include({ to: from, data: '0x', blobs: [EMPTY_BLOB] }, from, nonce, signal);
    } catch (error) {
      // It got into a block after all.
      if (!isRollupError(error, 'NONCE_TAKEN')) throw error;
    }
  }

  async function sendOne(call: TransactionCall, signal: AbortSignal | undefined): Promise<TransactionReceipt> {
    const from = await account.address();
    const chosen = async () => chooseNonce(from, await account.nextNonce(from), call.nonce);
    const nonce = await chosen();
    try {
      return await include(call, from, nonce, signal);
    } catch (error) {
      // A plain transaction in the way of one with blobs is raised by who sent it, or included: it is never replaced.
      if (!isRollupError(error, 'ACCOUNT_RESERVED') || (call.blobs ?? []).length > 0) throw error;
    }
    await clear(from, nonce, signal);
    return include(call, from, await chosen(), signal);
  }

  return {
    async estimate(call) {
      try {
        const gas = await account.estimate(callOf(call), await account.address());
        return { gas, feePerGas: await account.feePerGas() };
      } catch (error) {
        throw translateChainError('estimating a transaction', error);
      }
    },
    async prices() {
      try {
        return await account.prices();
      } catch (error) {
        throw translateChainError('reading the prices of gas', error);
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
