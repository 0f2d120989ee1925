/** What is kept besides the states, in memory. */

import type { Bytes32 } from '@quittance/protocol';
import type { KeptHtlc, KeptInvoice, KeptPayment, KeptTables } from './kept.ts';

/** Tables in memory, which can be looked through. */
export interface KeptMemory extends KeptTables {
  readonly htlcs: readonly KeptHtlc[];
}

const isSamePlace = (one: KeptHtlc, other: KeptHtlc): boolean =>
  one.vault === other.vault && one.isOutgoing === other.isOutgoing;

/** Tables with these HTLCs. */
export function createKeptMemory(initial: readonly KeptHtlc[] = []): KeptMemory {
  const byHash = new Map<Bytes32, readonly KeptHtlc[]>();
  const invoices = new Map<Bytes32, KeptInvoice>();
  const payments = new Map<Bytes32, KeptPayment>();
  let last = 0;
  const put = (htlc: KeptHtlc): void => {
    last = Math.max(last, htlc.order);
    const others = byHash.get(htlc.hash) ?? [];
    byHash.set(htlc.hash, [...others.filter((one) => !isSamePlace(one, htlc)), htlc]);
  };
  for (const htlc of initial) put(htlc);
  return {
    get htlcs() {
      return [...byHash.values()].flat();
    },
    ofHash: (hash) => byHash.get(hash) ?? [],
    ofVault: (vault) => [...byHash.values()].flat().filter((htlc) => htlc.vault === vault),
    put,
    remove(htlc) {
      const left = (byHash.get(htlc.hash) ?? []).filter((one) => !isSamePlace(one, htlc));
      if (left.length === 0) byHash.delete(htlc.hash);
      else byHash.set(htlc.hash, left);
    },
    nextOrder: () => ++last,
    invoice: (hash) => invoices.get(hash),
    putInvoice: (invoice) => void invoices.set(invoice.hash, invoice),
    payment: (hash) => payments.get(hash),
    putPayment: (payment) => void payments.set(payment.hash, payment),
  };
}
