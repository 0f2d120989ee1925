/** What calls cost, in units of about what taking one transfer in costs. docs/rpc.md has the same table. */

import { MAX_BATCHES, MAX_HISTORY, type MethodName } from '@quittance/rpc';

/** Entries and batches of a page for which no limit is given. */
export const DEFAULT_ENTRIES = 50;
export const DEFAULT_BATCHES = 25;

/**
 * Of pages: what each item costs that may be on one. An entry can stand in a batch of its own, which is read with it, so a
 * page is paid for as it was asked for, not as it turns out.
 */
const PAGES: {
  readonly [Name in MethodName]?: { readonly item: number; readonly usual: number; readonly most: number };
} = {
  rollup_getHistory: { item: 1, usual: DEFAULT_ENTRIES, most: MAX_HISTORY },
  rollup_findTransactions: { item: 1, usual: DEFAULT_ENTRIES, most: MAX_HISTORY },
  rollup_getBatches: { item: 2, usual: DEFAULT_BATCHES, most: MAX_BATCHES },
};

/** Of a call, beside what its list or page holds. Lists of transfers cost one unit a transfer. */
export const METHOD_UNITS: Readonly<
  Record<MethodName | 'rpc.discover' | 'rollup_subscribe' | 'rollup_unsubscribe', number>
> = {
  rollup_sendTransfer: 1,
  rollup_sendTransfers: 0,
  rollup_getAccount: 1,
  rollup_getAccounts: 10,
  rollup_getTransaction: 2,
  rollup_getHistory: 0,
  rollup_findTransactions: 0,
  rollup_getPriorityOperation: 2,
  rollup_getPriorityOperations: 100,
  rollup_getBatches: 0,
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
/** Of a payment reference. */
export const REFERENCE_UNITS = 1;
/** Transfers of a batch that are listed for one unit more; owed, since nobody knows before how many there are. */
export const LISTED_PER_UNIT = 20;
/** Notifications of subscriptions that cost one unit; owed, since they are not asked for one by one. */
export const NOTIFICATIONS_PER_UNIT = 4;
/** Ids or accounts of a subscription that cost one unit. */
const IDS_PER_UNIT = 10;
/** Accounts whose past is read together that cost one unit a page. */
const ACCOUNTS_PER_UNIT = 5;
/** Of the descriptions and the metrics. */
export const DOCUMENT_UNITS = 20;

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

/** What reading so many bytes costs; whoever reads them spends it, before the dispatcher sees them. */
export const readingUnits = (bytes: number): number => bytes / BYTES_PER_UNIT;

/** What a page of so many items costs. @param limit as it was asked for, not checked yet. */
function pageUnits(method: string, limit: unknown): number {
  const page = Object.hasOwn(PAGES, method) ? PAGES[method as keyof typeof PAGES] : undefined;
  if (page === undefined) return 0;
  return page.item * Math.min(page.most, Math.max(1, Number.isInteger(limit) ? (limit as number) : page.usual));
}

/** What a page of the past of so many accounts costs. */
export const pastOfAccountsUnits = (entries: number, accounts: number): number =>
  pageUnits('rollup_getHistory', entries) + Math.ceil(accounts / ACCOUNTS_PER_UNIT);

/** What a page of the past of the batches costs. */
export const pastOfBatchesUnits = (batches: number): number => pageUnits('rollup_getBatches', batches);

/** What a call costs beside its list: what it reads. @param params by name, not checked yet. */
export function readUnitsOf(method: string, params: unknown): number {
  const own = Object.hasOwn(METHOD_UNITS, method) ? METHOD_UNITS[method as keyof typeof METHOD_UNITS] : 1;
  return own + pageUnits(method, (params as { limit?: unknown } | null)?.limit);
}

/** What a transfer costs beside its own unit: its reference is hashed, and has a signature too. */
const referenceUnits = (transfer: unknown): number =>
  (transfer as { reference?: unknown } | null)?.reference === undefined ? 0 : REFERENCE_UNITS;

/** What a call costs. @param params by name, not checked yet. */
export function unitsOf(method: string, params: unknown): number {
  const own = readUnitsOf(method, params);
  const { transfer, transfers } = (params ?? {}) as { transfer?: unknown; transfers?: unknown };
  if (method === 'rollup_sendTransfer') return own + referenceUnits(transfer);
  if (method === 'rollup_sendTransfers') {
    const list: readonly unknown[] = Array.isArray(transfers) ? transfers : [];
    return list.reduce<number>((sum, one) => sum + 1 + referenceUnits(one), own);
  }
  if (method === 'rollup_subscribe') {
    const { ids, accounts } = (params ?? {}) as { ids?: unknown; accounts?: unknown };
    return own + Math.ceil(Math.max(lengthOf(ids), lengthOf(accounts)) / IDS_PER_UNIT);
  }
  return own;
}
