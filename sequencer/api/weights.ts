/** What calls cost, in units of about what taking one transfer in costs. docs/rpc.md has the same table. */

import type { MethodName } from '@quittance/rpc';

/** Of a call, beside what its list holds. Lists of transfers cost one unit a transfer. */
export const METHOD_UNITS: Readonly<
  Record<MethodName | 'rpc.discover' | 'rollup_subscribe' | 'rollup_unsubscribe', number>
> = {
  rollup_sendTransfer: 1,
  rollup_sendTransfers: 0,
  rollup_getAccount: 1,
  rollup_getAccounts: 10,
  rollup_getTransaction: 2,
  rollup_getHistory: 50,
  rollup_findTransactions: 50,
  rollup_getPriorityOperation: 2,
  rollup_getPriorityOperations: 50,
  rollup_getBatches: 50,
  rollup_getAssertions: 10,
  rollup_getStatistics: 10,
  rollup_getBatch: 50,
  rollup_getProof: 10,
  rollup_getWithdrawalProof: 50,
  rollup_estimateFee: 1,
  rollup_getConfig: 1,
  rollup_syncStatus: 1,
  eth_chainId: 1,
  net_version: 1,
  web3_clientVersion: 1,
  'rpc.discover': 10,
  rollup_subscribe: 1,
  rollup_unsubscribe: 1,
};

/** Of a request beside its calls, and of a message on a WebSocket. */
export const REQUEST_UNITS = 2;
/** Of reading: a request costs at least one unit for every so many bytes. */
const BYTES_PER_UNIT = 1_024;
/** Of a transfer that is refused after its signature was checked, beside its own unit. */
export const WASTED_UNITS = 20;
/** Ids or accounts of a subscription that cost one unit. */
const IDS_PER_UNIT = 10;
/** Of the descriptions and the metrics. */
export const DOCUMENT_UNITS = 20;

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

/** What reading so many bytes costs; whoever reads them spends it, before the dispatcher sees them. */
export const readingUnits = (bytes: number): number => bytes / BYTES_PER_UNIT;

/** What a call costs. @param params by name, not checked yet. */
export function unitsOf(method: string, params: unknown): number {
  const own = Object.hasOwn(METHOD_UNITS, method) ? METHOD_UNITS[method as keyof typeof METHOD_UNITS] : 1;
  if (method === 'rollup_sendTransfers') return own + lengthOf((params as { transfers?: unknown } | null)?.transfers);
  if (method === 'rollup_subscribe') {
    const { ids, accounts } = (params ?? {}) as { ids?: unknown; accounts?: unknown };
    return own + Math.ceil(Math.max(lengthOf(ids), lengthOf(accounts)) / IDS_PER_UNIT);
  }
  return own;
}
