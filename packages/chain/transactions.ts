/**
 * Gets one transaction of an account included: simulated before it is sent, sent again with the same nonce and a
 * higher fee when it is stuck, and never a second time once it is in. One with blobs is replaced by itself with doubled
 * fees; as long as it is pending the account can send none without blobs.
 */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { JsonRpcApiProvider, Signer, TransactionReceipt } from 'ethers';
import type { Clock, Logger } from '../../runtime/index.ts';
import { type Call, createAccount, type Prices, requireSuccess } from './account.ts';
import { type SidecarBlob, sidecarFields } from './blobs/sidecar.ts';
import { translateChainError } from './errors.ts';
import { canRaise, capFees, raiseFees } from './fees.ts';
import { afterOffer, chooseNonce, nonceTaken } from './offers.ts';

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
  /** No fee per gas of blobs above this is ever offered, in wei. */
  readonly maxFeePerBlobGas?: bigint;
}

/** A call of a contract. */
export interface TransactionCall {
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value?: bigint;
  /** What the transaction carries besides; their hashes are what the contract sees. */
  readonly blobs?: readonly SidecarBlob[];
  /** The next one of the account when absent. Of calls with the same nonce L1 includes one at most. */
  readonly nonce?: number;
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

/** Most gas of a transaction. Source: EIP-7825. */
export const MAX_TRANSACTION_GAS = 16_777_216;

/** A fifth more than was estimated, as far as L1 allows it. */
function gasLimitOf(estimate: bigint): bigint {
  const limit = (estimate * 6n) / 5n;
  const most = BigInt(MAX_TRANSACTION_GAS);
  // An estimate above it comes from an L1 without this limit.
  return limit > most && estimate <= most ? most : limit;
}

/** What a node executes to see what a call does. */
function callOf({ blobs = [], nonce: _, ...call }: TransactionCall): Call {
  return blobs.length === 0 ? call : { ...call, blobVersionedHashes: blobs.map(({ versionedHash }) => versionedHash) };
}

/** A transaction manager for `signer`. */
export function createTransactionManager(options: TransactionOptions): TransactionManager {
  const { clock, logger } = options;
  const { stuckAfterMs = 45_000, pollMs = 1_000, maxReplacements = 8 } = options;
  const { maxFeePerGas = DEFAULT_MAX_FEE, maxFeePerBlobGas = DEFAULT_MAX_FEE } = options;
  const limits = { maxFeePerGas, maxFeePerBlobGas };
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

  async function sendOne({ nonce: wanted, blobs = [], ...rest }: TransactionCall, signal: AbortSignal | undefined) {
    const call = callOf({ ...rest, blobs });
    const sidecar = blobs.length === 0 ? { type: 2 } : sidecarFields(blobs);
    const market = () => account.market(blobs.length > 0);
    const chainId = await account.requireChain();
    const from = await account.address();
    const gasLimit = gasLimitOf(await account.estimate(call, from));
    const nonce = chooseNonce(from, await account.nextNonce(from), wanted);
    const hashes: string[] = [];
    let fees = capFees(await market(), limits);
    for (let replacement = 0; replacement <= maxReplacements; replacement++) {
      signal?.throwIfAborted();
      const hash = await account.offer({ ...rest, ...sidecar, nonce, gasLimit, chainId, ...fees });
      if (hash !== undefined) hashes.push(hash);
      const nextNonce = await account.nextNonce(from);
      let receipt = await account.includedOf(hashes);
      const state = { isTaken: hash !== undefined, nextNonce, isIncluded: receipt !== undefined };
      const move = afterOffer({ ...state, canRaise: canRaise(fees, limits) }, nonce);
      if (move === 'giveUp') throw nonceTaken(from, nonce);
      if (move === 'wait') receipt = await waitForInclusion(hashes, signal);
      if (receipt !== undefined) return requireSuccess(account, receipt, call, from);
      fees = raiseFees(fees, await market(), limits);
      logger.warn('a transaction is stuck; it is sent again with a higher fee', { nonce, ...fees });
    }
    throw new RollupError(
      'TRANSACTION_STUCK',
      `the transaction with nonce ${nonce} is in no block after ${maxReplacements} raised fees`,
      { nonce, hashes: hashes.join(',') },
    );
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
