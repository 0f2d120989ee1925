/** What transactions cost on L1, under today's rules and under those that are announced. */

import type { JsonRpcProvider, TransactionReceipt } from 'ethers';

/** Gas of some transactions, and of the same under other rules. */
export interface L1Gas {
  readonly today: number;
  /** EIP-7976: at least 64 gas for each byte of calldata. */
  readonly eip7976: number;
  /** EIP-8037: a storage slot that was 0 costs 97,920. */
  readonly eip8037: number;
}

const TRANSACTION_GAS = 21_000;
const FLOOR_GAS_PER_BYTE = 64;
/** EIP-2200's price of a slot that was 0, which EIP-8037 replaces. */
const FRESH_SLOT_GAS = 20_000;
const FRESH_SLOT_GAS_EIP8037 = 97_920;

/** Storage as the prestate tracer gives it: by account, by slot. */
type Storage = Readonly<Record<string, { readonly storage?: Readonly<Record<string, string>> }>>;

/** Slots that were 0 before a transaction and are not 0 after it. The node must have debug_traceTransaction. */
async function freshSlots(provider: JsonRpcProvider, hash: string): Promise<number> {
  const options = { tracer: 'prestateTracer', tracerConfig: { diffMode: true } };
  const { pre, post } = (await provider.send('debug_traceTransaction', [hash, options])) as {
    readonly pre: Storage;
    readonly post: Storage;
  };
  let count = 0;
  for (const [account, { storage = {} }] of Object.entries(post)) {
    for (const [slot, value] of Object.entries(storage)) {
      if (BigInt(value) !== 0n && BigInt(pre[account]?.storage?.[slot] ?? 0) === 0n) count++;
    }
  }
  return count;
}

/** The gas of included transactions under each of the rules. */
export async function l1Gas(provider: JsonRpcProvider, receipts: readonly TransactionReceipt[]): Promise<L1Gas> {
  const total = { today: 0, eip7976: 0, eip8037: 0 };
  for (const { hash, gasUsed } of receipts) {
    const used = Number(gasUsed);
    const { data } = (await provider.getTransaction(hash))!;
    const floor = TRANSACTION_GAS + FLOOR_GAS_PER_BYTE * ((data.length - 2) / 2);
    total.today += used;
    total.eip7976 += Math.max(used, floor);
    total.eip8037 += used + (await freshSlots(provider, hash)) * (FRESH_SLOT_GAS_EIP8037 - FRESH_SLOT_GAS);
  }
  return total;
}
