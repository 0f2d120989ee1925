/** Offers one transaction under its nonce, for more each time, until it is in a block. */

import { RollupError } from '@quittance/protocol';
import type { TransactionReceipt } from 'ethers';
import type { Clock, Logger } from '../../runtime/index.ts';
import { type Account, type Call, requireSuccess } from './account.ts';
import { type SidecarBlob, sidecarFields } from './blobs/sidecar.ts';
import { canRaise, capFees, type FeeLimits, raiseFees } from './fees.ts';
import { afterOffer, nonceAhead, nonceTaken } from './offers.ts';
import type { Included } from './types.ts';

/** Most gas of a transaction. Source: EIP-7825. */
export const MAX_TRANSACTION_GAS = 16_777_216;

/** A fifth more than was estimated, as far as L1 allows it. */
function gasLimitOf(estimate: bigint): bigint {
  const limit = (estimate * 6n) / 5n;
  const most = BigInt(MAX_TRANSACTION_GAS);
  // An estimate above it comes from an L1 without this limit.
  return limit > most && estimate <= most ? most : limit;
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

/** What a node executes to see what a call does. */
export function callOf({ blobs = [], nonce: _, ...call }: TransactionCall): Call {
  return blobs.length === 0 ? call : { ...call, blobVersionedHashes: blobs.map(({ versionedHash }) => versionedHash) };
}

/** Where a transaction of ours stands, and what it cost. */
export function includedOf(receipt: TransactionReceipt): Included {
  const { hash, blockNumber, blockHash, gasUsed, fee, blobGasUsed, blobGasPrice } = receipt;
  const blobsWei = (blobGasUsed ?? 0n) * (blobGasPrice ?? 0n);
  return { transactionHash: hash, blockNumber, blockHash, gasUsed, costWei: fee + blobsWei };
}

interface InclusionOptions {
  readonly account: Account;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stuckAfterMs: number;
  readonly pollMs: number;
  readonly maxReplacements: number;
  readonly limits: FeeLimits;
}

/**
 * Gets a call of `from` into a block under this nonce.
 *
 * @throws RollupError L1_REJECTED when the contract would refuse it, TRANSACTION_FAILED, TRANSACTION_STUCK, NONCE_TAKEN,
 * NONCE_AHEAD when it is stuck behind a nonce that a reorg freed, ACCOUNT_RESERVED, L1_WRONG_CHAIN, or the signal's reason, or what
 * the provider throws.
 */
export type Include = (
  call: TransactionCall,
  from: string,
  nonce: number,
  signal: AbortSignal | undefined,
) => Promise<TransactionReceipt>;

/** For one account, within limits of fees and repetitions. */
export function createInclusion(options: InclusionOptions): Include {
  const { account, clock, logger, stuckAfterMs, pollMs, maxReplacements, limits } = options;

  async function waitForInclusion(hashes: readonly string[], signal: AbortSignal | undefined) {
    const deadline = clock.nowMs() + stuckAfterMs;
    for (;;) {
      const receipt = await account.includedOf(hashes);
      if (receipt !== undefined || clock.nowMs() >= deadline) return receipt;
      await clock.sleep(pollMs, signal);
    }
  }

  return async ({ blobs = [], ...rest }, from, nonce, signal) => {
    const call = callOf({ ...rest, blobs });
    const sidecar = blobs.length === 0 ? { type: 2 } : sidecarFields(blobs);
    const market = () => account.market(blobs.length > 0);
    const chainId = await account.requireChain();
    const gasLimit = gasLimitOf(await account.estimate(call, from));
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
      // A reorg took one before it, and no fee brings this one into a block: whoever sends the next one fills the gap.
      const next = await account.nextNonce(from);
      if (next < nonce) throw nonceAhead(from, next, nonce);
      fees = raiseFees(fees, await market(), limits);
      logger.warn('a transaction is stuck; it is sent again with a higher fee', { nonce, ...fees });
    }
    throw new RollupError(
      'TRANSACTION_STUCK',
      `the transaction with nonce ${nonce} is in no block after ${maxReplacements} raised fees`,
      { nonce, hashes: hashes.join(',') },
    );
  };
}
