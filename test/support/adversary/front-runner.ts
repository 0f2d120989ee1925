/** Somebody who sees every transaction of an account before it is in a block, and sends the same one first. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Signer } from 'ethers';
import type { DeployedOptimistic } from '../contracts/deployment.ts';

const POLL_MS = 20;
/** More than any step proof takes. */
const GAS = 6_000_000n;

interface PendingTransaction {
  readonly hash: string;
  readonly from: string;
  readonly to: string;
  readonly input: string;
  readonly value: string;
  readonly maxFeePerGas: string;
  readonly maxPriorityFeePerGas: string;
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * Runs `act`, and gets a copy of each transaction that `victim` sends meanwhile into the block before it.
 *
 * @returns what `act` did, and how many copies came first.
 */
export async function frontRun<T>(
  { ethers }: DeployedOptimistic,
  victim: string,
  thief: Signer,
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly copies: number }> {
  const { provider } = ethers;
  const seen = new Set<string>();
  let copies = 0;
  /** Nobody else's transactions are there: the copy, which pays more, comes first. */
  const copy = async ({ hash, to, input, value, maxFeePerGas, maxPriorityFeePerGas }: PendingTransaction) => {
    await thief.sendTransaction({
      ...{ to, data: input, value, gasLimit: GAS },
      maxFeePerGas: 4n * BigInt(maxFeePerGas),
      maxPriorityFeePerGas: 4n * BigInt(maxPriorityFeePerGas),
    });
    await provider.send('evm_mine', []);
    if ((await provider.getBlock('latest'))!.transactions.indexOf(hash) === 1) copies += 1;
  };
  await provider.send('evm_setAutomine', [false]);
  try {
    let isDone = false;
    const acting = act().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const { transactions } = (await provider.send('eth_getBlockByNumber', ['pending', true])) as {
        readonly transactions: readonly PendingTransaction[];
      };
      for (const transaction of transactions) {
        if (!isSame(transaction.from, victim) || seen.has(transaction.hash)) continue;
        seen.add(transaction.hash);
        await copy(transaction);
      }
      await Promise.race([sleep(POLL_MS), acting.catch(() => undefined)]);
    }
    return { result: await acting, copies };
  } finally {
    await provider.send('evm_setAutomine', [true]);
  }
}
