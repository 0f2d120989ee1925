/** What L1 says of a rollup now, in a handful of calls: nothing is replayed. */

import { type AssertionReader, createAssertionReader, type RollupReader, translateChainError } from '@quittance/chain';
import { Contract } from 'ethers';
import type { L1 } from '../l1/connect.ts';

const ROLLUP_VIEWS = [
  'function isExodusActive() view returns (bool)',
  'function isProducingOpen() view returns (bool)',
  'function owner() view returns (address)',
  'function verifier() view returns (address)',
];
const VERIFIER_VIEWS = ['function isDevelopmentKey() view returns (bool)'];

/** Waiting batches whose disputes are asked for: more can wait only where the deployment allows it. */
const MAX_LOOKED_AT = 256;

/** What waits in optimistic mode. */
export interface Waiting {
  /** First and last batch that waits; null while none does. */
  readonly batches: readonly [first: number, last: number] | null;
  /** Those of them that have a disputed chunk. */
  readonly disputed: readonly number[];
}

/** Everything. */
export interface OnL1 {
  readonly chainId: bigint;
  readonly block: number;
  readonly ageSeconds: number;
  readonly feePerGas: bigint;
  readonly contract: string;
  readonly owner: string;
  readonly finalBatch: number;
  /** Deposits and exit requests that no final batch has executed. */
  readonly requestsWaiting: number;
  readonly isExodusActive: boolean;
  /** Whether anybody may produce, since requests are overdue. */
  readonly isProducingOpen: boolean;
  readonly blobsAllowed: boolean;
  readonly isDevelopmentKey: boolean;
  /** Null without optimistic mode. */
  readonly waiting: Waiting | null;
}

async function readWaiting(assertions: AssertionReader): Promise<Waiting> {
  const { finalNumber, lastNumber } = await assertions.pendingRange();
  if (lastNumber === finalNumber) return { batches: null, disputed: [] };
  const disputed: number[] = [];
  const last = Math.min(lastNumber, finalNumber + MAX_LOOKED_AT);
  for (let number = finalNumber + 1; number <= last; number += 1) {
    const id = await assertions.pendingId(number);
    if (id !== undefined && (await assertions.assertion(id)).disputedChunks !== 0n) disputed.push(number);
  }
  return { batches: [finalNumber + 1, lastNumber], disputed };
}

/** Reads it. @param nowSeconds Unix time. @throws RollupError L1_UNREACHABLE. */
export async function readOnL1(l1: L1, reader: RollupReader, nowSeconds: number): Promise<OnL1> {
  const { provider, chainId } = l1;
  const { contract } = reader;
  const rollup = new Contract(contract, ROLLUP_VIEWS, provider);
  const view = async <T>(from: Contract, name: string): Promise<T> => {
    try {
      return (await from.getFunction(name)()) as T;
    } catch (error) {
      throw translateChainError(`reading ${name}`, error);
    }
  };
  const head = await reader.head();
  const [{ blobsAllowed }, final, queue] = [
    await reader.connect(),
    await reader.finalState(),
    await reader.queueState(),
  ];
  const verifier = new Contract(await view<string>(rollup, 'verifier'), VERIFIER_VIEWS, provider);
  const assertions = createAssertionReader({ ...l1, contract });
  const hasAssertions = (await assertions.connect()) !== undefined;
  const { gasPrice, maxFeePerGas } = await provider.getFeeData().catch((error: unknown) => {
    throw translateChainError('asking for the price of gas', error);
  });
  return {
    ...{ chainId, contract, blobsAllowed, block: head.number, feePerGas: gasPrice ?? maxFeePerGas ?? 0n },
    ageSeconds: Math.max(0, Math.round(nowSeconds - head.timestamp)),
    owner: await view<string>(rollup, 'owner'),
    finalBatch: final.number,
    requestsWaiting: queue.requestedCount - final.priorityCount,
    isExodusActive: await view<boolean>(rollup, 'isExodusActive'),
    isProducingOpen: await view<boolean>(rollup, 'isProducingOpen'),
    isDevelopmentKey: await view<boolean>(verifier, 'isDevelopmentKey'),
    waiting: hasAssertions ? await readWaiting(assertions) : null,
  };
}

/** An account of a producer or a watcher, in wei. */
export interface AccountOnL1 {
  readonly account: string;
  readonly balance: bigint;
  /** Bonds and rewards that it can collect. */
  readonly credit: bigint;
}

/** Reads it. @throws RollupError L1_UNREACHABLE. */
export async function readAccount(l1: L1, contract: string, account: string): Promise<AccountOnL1> {
  const assertions = createAssertionReader({ ...l1, contract });
  const credit = (await assertions.connect()) === undefined ? 0n : await assertions.creditOf(account);
  const balance = await l1.provider.getBalance(account).catch((error: unknown) => {
    throw translateChainError('reading the balance', error);
  });
  return { account, balance, credit };
}
