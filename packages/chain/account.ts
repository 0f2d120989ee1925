/** One account on L1: what it asks a node for, and what it offers. */

import { RollupError } from '@quittance/protocol';
import {
  type JsonRpcApiProvider,
  NonceManager,
  type Signer,
  type TransactionReceipt,
  type TransactionRequest,
} from 'ethers';
import type { Logger } from '../../runtime/index.ts';
import { rejectionOf } from './errors.ts';
import { marketFees } from './fees.ts';
import { accountReserved, isNonceRefusal, isReservedRefusal } from './offers.ts';

/** What a node executes to see what a transaction does: no nonce, and of blobs the hashes, which a contract sees. */
export interface Call {
  readonly to: string;
  readonly data: string;
  /** Wei. */
  readonly value?: bigint;
  readonly blobVersionedHashes?: string[];
}

/** Wei per gas at the market. */
export interface Prices {
  readonly feePerGas: bigint;
  /** Of the gas of blobs, 131,072 each; undefined on an L1 without blobs. */
  readonly feePerBlobGas: bigint | undefined;
}

/** Price of the gas of blobs, in wei. @throws what the provider throws, also on an L1 without blobs. */
async function blobBaseFee(provider: JsonRpcApiProvider): Promise<bigint> {
  return BigInt(await provider.send('eth_blobBaseFee', []));
}

interface AccountOptions {
  readonly provider: JsonRpcApiProvider;
  readonly signer: Signer;
  readonly logger: Logger;
}

/** What one account asks of L1. */
export function createAccount({ provider, signer: given, logger }: AccountOptions) {
  // A NonceManager counts by itself: a replacement would get another nonce and be a second transaction.
  const signer = given instanceof NonceManager ? given.signer : given;
  return {
    address: () => signer.getAddress(),
    nextNonce: (from: string) => provider.getTransactionCount(from, 'latest'),
    market: async (hasBlobs: boolean) =>
      marketFees(await provider.getFeeData(), hasBlobs ? await blobBaseFee(provider) : undefined),

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

    /** Wei per gas now. @throws what the provider throws. */
    async feePerGas(): Promise<bigint> {
      const { gasPrice, maxFeePerGas } = await provider.getFeeData();
      return gasPrice ?? maxFeePerGas ?? 0n;
    },

    /** What gas costs now. @throws what the provider throws. */
    async prices(): Promise<Prices> {
      const { excessBlobGas = null } = (await provider.getBlock('latest')) ?? {};
      const feePerBlobGas = excessBlobGas === null ? undefined : await blobBaseFee(provider);
      return { feePerGas: await this.feePerGas(), feePerBlobGas };
    },

    /**
     * @returns its hash, or undefined when the node has another transaction with this nonce.
     * @throws RollupError ACCOUNT_RESERVED, or what the provider throws.
     */
    async offer(transaction: TransactionRequest): Promise<string | undefined> {
      try {
        return (await signer.sendTransaction(transaction)).hash;
      } catch (error) {
        if (isReservedRefusal(error)) throw accountReserved(await signer.getAddress(), Number(transaction.nonce));
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

export type Account = ReturnType<typeof createAccount>;

/** The receipt of a transaction that succeeded. @throws RollupError L1_REJECTED with the reason, or TRANSACTION_FAILED. */
export async function requireSuccess(
  account: Account,
  receipt: TransactionReceipt,
  call: Call,
  from: string,
): Promise<TransactionReceipt> {
  if (receipt.status === 1) return receipt;
  try {
    await account.simulate(call, from); // says why, when the reason still holds
  } catch (error) {
    // A node that does not execute it changes nothing of what is in the block.
    if (rejectionOf(error) !== undefined) throw error;
  }
  const { hash } = receipt;
  throw new RollupError('TRANSACTION_FAILED', `transaction ${hash} is in a block and failed there`, { hash });
}
