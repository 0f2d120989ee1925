/** The methods that the page calls, with those whose entries in the schema are on their way. */

import type {
  AssertionJson,
  BatchPageJson,
  ConfigJson,
  HistoryPageJson,
  PriorityOperationJson,
  RpcMethods,
  StatisticsJson,
  TransactionJson,
} from '@quittance/rpc';

interface Page {
  readonly before?: number;
  readonly limit?: number;
}

interface Coming {
  readonly rollup_getHistory: { params: Page & { account: number }; result: HistoryPageJson };
  readonly rollup_findTransactions: { params: Page & { reference: string }; result: HistoryPageJson };
  readonly rollup_getPriorityOperations: { params: { owner: string }; result: PriorityOperationJson[] };
  readonly rollup_getBatches: { params: Page; result: BatchPageJson };
  readonly rollup_getAssertions: { params: Record<never, never>; result: AssertionJson[] };
  readonly rollup_getStatistics: { params: Record<never, never>; result: StatisticsJson };
  readonly rollup_getTransaction: { params: { id: string }; result: TransferView };
  readonly rollup_getConfig: { params: Record<never, never>; result: Settings };
}

/** A transfer with its token, its owners and its reference. */
export type TransferView = TransactionJson & {
  readonly tokenId: number | null;
  readonly fromOwner: string | null;
  readonly toOwner: string | null;
  readonly reference: string | null;
};

/** Settings with the tokens. */
export type Settings = ConfigJson & {
  readonly tokens?: readonly {
    readonly tokenId: number;
    readonly symbol: string | null;
    readonly decimals: number | null;
  }[];
};

/** All methods. */
export type Methods = Omit<RpcMethods, keyof Coming> & Coming;
