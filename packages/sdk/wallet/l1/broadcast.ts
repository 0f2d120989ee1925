/** Finds a transaction of an account that was broadcast, by what it does: its hash may be unknown, or have been replaced. */

import { isSameAddress } from '@quittance/protocol';
import type { JsonRpcApiProvider, TransactionReceipt } from 'ethers';
import type { WalletSigner } from '../types.ts';

/** What a transaction does. */
export type L1Call = Parameters<WalletSigner['sendTransaction']>[0];

/** Where an account was before something was sent. */
export interface Before {
  readonly address: string;
  /** Its next nonce. */
  readonly nonce: number;
  readonly blockNumber: number;
}

/** Where an account is now. @throws what the provider throws. */
export async function lookBefore(provider: JsonRpcApiProvider, address: string): Promise<Before> {
  // The block first: what is sent meanwhile is then in a later one.
  const blockNumber = await provider.getBlockNumber();
  return { address, blockNumber, nonce: await provider.getTransactionCount(address, 'latest') };
}

/** A transaction of the account in a block. */
export interface Found {
  readonly receipt: TransactionReceipt;
  /** Whether it does what was asked for. */
  readonly isSame: boolean;
}

/**
 * The first transaction in blocks behind `before` that does what `call` says, or that has this nonce and does something else.
 *
 * @throws what the provider throws.
 */
export async function findInBlocks(
  provider: JsonRpcApiProvider,
  before: Before,
  { to, data, value }: L1Call,
  nonce?: number,
): Promise<Found | undefined> {
  const head = await provider.getBlockNumber();
  let other: string | undefined;
  for (let number = before.blockNumber; number <= head; number += 1) {
    const block = await provider.getBlock(number, true);
    for (const transaction of block?.prefetchedTransactions ?? []) {
      if (!isSameAddress(transaction.from, before.address) || transaction.nonce < before.nonce) continue;
      const isSame =
        transaction.to !== null &&
        isSameAddress(transaction.to, to) &&
        transaction.data.toLowerCase() === data.toLowerCase() &&
        transaction.value === value;
      if (isSame) return receiptOf(provider, transaction.hash, true);
      if (transaction.nonce === nonce) other = transaction.hash;
    }
  }
  return other === undefined ? undefined : receiptOf(provider, other, false);
}

async function receiptOf(provider: JsonRpcApiProvider, hash: string, isSame: boolean): Promise<Found | undefined> {
  const receipt = await provider.getTransactionReceipt(hash);
  return receipt === null ? undefined : { receipt, isSame };
}
