/** Transactions that somebody else signs and sends: a wallet in a browser, a signer elsewhere. Each is asked for once. */

import { translateChainError } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { JsonRpcApiProvider, TransactionReceipt } from 'ethers';
import { type Clock, createPauses } from '../time.ts';
import type { WalletSigner } from '../types.ts';
import { type Before, findInBlocks, type L1Call, lookBefore } from './broadcast.ts';

/** Pauses between two looks for the receipt. */
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 4_000;
/** Looks for a transaction whose signer threw: it is on its way by then, or never was. */
const LOOKS_AFTER_FAILURE = 5;
/** Times in a row that a node may fail while a receipt is waited for: some minutes. */
const MOST_FAILURES = 60;

export interface ForeignOptions {
  readonly provider: JsonRpcApiProvider;
  readonly chainId: bigint;
  readonly signer: WalletSigner;
  readonly clock: Clock;
}

/** @throws RollupError SIGNER_WRONG_CHAIN: the wallet may have been switched since it was connected. */
async function requireChain({ signer, chainId }: ForeignOptions): Promise<void> {
  const actual = await signer.chainId?.();
  if (actual === undefined || actual === chainId) return;
  const message = `the wallet is on chain ${actual}, the rollup is on ${chainId}: switch it, nothing was sent`;
  throw new RollupError('SIGNER_WRONG_CHAIN', message, { expected: chainId, actual });
}

/** Whether the account has a transaction that no block has yet. */
async function hasPending(provider: JsonRpcApiProvider, { address, nonce }: Before): Promise<boolean> {
  return (await provider.getTransactionCount(address, 'pending')) > nonce;
}

/** What a signer that threw sent all the same; undefined when it sent nothing. */
async function findSent({ provider, clock }: ForeignOptions, before: Before, call: L1Call, signal?: AbortSignal) {
  const pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  for (let looks = 0; looks < LOOKS_AFTER_FAILURE || (await hasPending(provider, before)); looks += 1) {
    const found = await findInBlocks(provider, before, call);
    if (found !== undefined) return found.receipt;
    await clock.sleep(pause(), signal);
    // A pending transaction of the account may be ours, or one that its user sends meanwhile.
    if (looks >= 10 * LOOKS_AFTER_FAILURE) {
      const message = `the signer failed, and a transaction of ${before.address} is pending: look for it before you try again`;
      throw new RollupError('TRANSACTION_STUCK', message, { nonce: before.nonce });
    }
  }
  return undefined;
}

/** One look for the receipt of a transaction, or of the same one that its user replaced it by. @throws RollupError NONCE_TAKEN. */
async function lookForReceipt(provider: JsonRpcApiProvider, before: Before, call: L1Call, hash: string) {
  const receipt = await provider.getTransactionReceipt(hash);
  if (receipt !== null) return receipt;
  const nonce = (await provider.getTransaction(hash))?.nonce ?? before.nonce;
  if ((await provider.getTransactionCount(before.address, 'latest')) <= nonce) return undefined;
  const found = await findInBlocks(provider, before, call, nonce);
  if (found === undefined || found.isSame) return found?.receipt;
  const message = `the transaction ${hash} was replaced by ${found.receipt.hash}, which does something else`;
  throw new RollupError('NONCE_TAKEN', message, { account: before.address, nonce });
}

/**
 * The receipt of a transaction that was sent. A node that does not answer is waited for: whoever were told that this failed
 * would send it again.
 */
async function receiptOf(
  { provider, clock }: ForeignOptions,
  before: Before,
  call: L1Call,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<TransactionReceipt> {
  const pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      const receipt = await lookForReceipt(provider, before, call, hash);
      if (receipt !== undefined) return receipt;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (isRollupError(error)) throw error;
      if (failures > MOST_FAILURES) throw translateChainError(`waiting for transaction ${hash}, which was sent`, error);
    }
    await clock.sleep(pause(), signal);
  }
}

/**
 * Simulates the call, has it signed and sent once, and waits until it is in a block.
 *
 * @throws RollupError SIGNER_WRONG_CHAIN, L1_REJECTED with the contract's reason, SIGNER_REFUSED, before anything is sent;
 * TRANSACTION_FAILED, NONCE_TAKEN when the user replaced it, TRANSACTION_STUCK, L1_UNREACHABLE; or the signal's reason.
 */
export async function sendForeign(
  options: ForeignOptions,
  call: L1Call,
  signal?: AbortSignal,
): Promise<TransactionReceipt> {
  const { provider, signer } = options;
  await requireChain(options);
  const asked = async <T>(task: string, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw translateChainError(task, error);
    }
  };
  await asked('simulating a transaction', () => provider.call({ ...call, from: signer.address }));
  const before = await asked('reading the account', () => lookBefore(provider, signer.address));
  signal?.throwIfAborted();
  let receipt: TransactionReceipt | undefined;
  try {
    const hash = await signer.sendTransaction(call);
    receipt = await receiptOf(options, before, call, hash, signal);
  } catch (error) {
    if (isRollupError(error) || signal?.aborted === true) throw error;
    receipt = await asked('looking for a transaction', () => findSent(options, before, call, signal));
    if (receipt === undefined) throw translateChainError('sending a transaction', error);
  }
  if (receipt.status === 1) return receipt;
  const message = `the transaction ${receipt.hash} is in block ${receipt.blockNumber} and failed there`;
  throw new RollupError('TRANSACTION_FAILED', message, { hash: receipt.hash });
}
