/** The one list of methods: validation, the OpenRPC description and the types of clients all come from it. */

import Type from 'typebox';
import { MAX_TRANSFERS } from './binary.ts';
import { AccountIndex, Address, BatchNumber, Decimal, Exact, StateTagName, TokenId, TransactionId } from './common.ts';
import { HistoryPage, MAX_HISTORY, PriorityOperationView } from './history.ts';
import {
  AccountView,
  BatchSelector,
  BatchView,
  ConfigView,
  FeeView,
  ProofView,
  SyncStatusView,
  TransactionView,
  WithdrawalProofView,
} from './reads.ts';
import { ReferenceBytes } from './reference.ts';
import { AssertionView, BatchPage, MAX_BATCHES, StatisticsView } from './summaries.ts';
import { Acknowledged, Transfer, TransferResult } from './transfer.ts';

const Nothing = Exact({});
const tag = Type.Optional(StateTagName);

/** Most accounts of one answer, and of one subscription. */
export const MAX_ACCOUNTS = 100;
/** Most priority operations of one answer. */
export const MAX_PRIORITY_OPERATIONS = 100;

/** Place in the log. */
const Sequence = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const OperationId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Which page of a history. */
const page = {
  before: Type.Optional(Sequence),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_HISTORY })),
};

/** Method names with their parameters (by name, or as one object in an array), result and meaning. */
export const METHODS = {
  rollup_sendTransfer: {
    summary: 'Accepts a signed transfer; the answer comes when it is on disk.',
    params: Exact({ transfer: Transfer }),
    result: Acknowledged,
  },
  rollup_sendTransfers: {
    summary: 'Accepts several transfers, each on its own; answers in the same order.',
    params: Exact({ transfers: Type.Array(Transfer, { minItems: 1, maxItems: MAX_TRANSFERS }) }),
    result: Type.Array(TransferResult),
  },
  rollup_getAccount: {
    summary: 'One account, or null when the leaf is empty.',
    params: Exact({ index: AccountIndex, tag }),
    result: Type.Union([AccountView, Type.Null()]),
  },
  rollup_getAccounts: {
    summary: `Accounts of an owner in ascending order, at most ${MAX_ACCOUNTS} after the index \`after\`.`,
    params: Exact({ owner: Address, tag, after: Type.Optional(AccountIndex) }),
    result: Type.Array(AccountView),
  },
  rollup_getTransaction: {
    summary: 'A transfer and its status.',
    params: Exact({ id: TransactionId }),
    result: TransactionView,
  },
  rollup_getHistory: {
    summary: `What changed an account, newest first: at most \`limit\` entries (50) before the place \`before\` in the log; with what its transfers signed, if \`include\` is \`signatures\`.`,
    params: Exact({ account: AccountIndex, ...page, include: Type.Optional(Type.Literal('signatures')) }),
    result: HistoryPage,
  },
  rollup_findTransactions: {
    summary: 'Transfers with exactly this payment reference, newest first; of one account, if it is given.',
    params: Exact({ reference: ReferenceBytes, account: Type.Optional(AccountIndex), ...page }),
    result: HistoryPage,
  },
  rollup_getPriorityOperation: {
    summary: 'A deposit or forced exit by its number on L1, once its block is confirmed.',
    params: Exact({ operationId: OperationId }),
    result: PriorityOperationView,
  },
  rollup_getPriorityOperations: {
    summary: `Deposits for an owner and his forced exits, oldest first, at most ${MAX_PRIORITY_OPERATIONS} after the number \`after\`.`,
    params: Exact({ owner: Address, after: Type.Optional(OperationId) }),
    result: Type.Array(PriorityOperationView),
  },
  rollup_getBatches: {
    summary: 'Batches in short, newest first: at most `limit` (25) before the number `before`.',
    params: Exact({
      before: Type.Optional(BatchNumber),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_BATCHES })),
    }),
    result: BatchPage,
  },
  rollup_getAssertions: {
    summary: 'Assertions that wait on L1, with their disputes, as of some seconds ago; none in mode zk.',
    params: Nothing,
    result: Type.Array(AssertionView),
  },
  rollup_getStatistics: {
    summary: 'Figures over time, since the sequencer started.',
    params: Nothing,
    result: StatisticsView,
  },
  rollup_getBatch: {
    summary: 'A batch by number, or the last one that is sealed, posted or final.',
    params: Exact({ batch: BatchSelector }),
    result: BatchView,
  },
  rollup_getProof: {
    summary: 'Merkle proof of an account in the final state (default) or in the last sealed one.',
    params: Exact({
      index: AccountIndex,
      state: Type.Optional(Type.Union([Type.Literal('finalized'), Type.Literal('sealed')])),
    }),
    result: ProofView,
  },
  rollup_getWithdrawalProof: {
    summary: 'What a claim on L1 needs, by transaction id, or by batch and index.',
    params: Type.Union([
      Exact({ id: TransactionId }),
      Exact({ batch: BatchNumber, index: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }) }),
    ]),
    result: WithdrawalProofView,
  },
  rollup_estimateFee: {
    summary: 'Least and suggested fee of a transfer in a token.',
    params: Exact({ tokenId: TokenId }),
    result: FeeView,
  },
  rollup_getConfig: { summary: 'Deployment, limits and fees.', params: Nothing, result: ConfigView },
  rollup_syncStatus: { summary: 'How far L1, batches and proofs are.', params: Nothing, result: SyncStatusView },
  eth_chainId: { summary: 'Chain id of L1 as 0x hexadecimal.', params: Nothing, result: Type.String() },
  net_version: { summary: 'Chain id of L1 as decimal.', params: Nothing, result: Decimal },
  web3_clientVersion: { summary: 'Name and version of this software.', params: Nothing, result: Type.String() },
} as const;

export type MethodName = keyof typeof METHODS;

/** Parameters and result of each method, for clients. */
export type RpcMethods = {
  readonly [Name in MethodName]: {
    readonly params: Type.Static<(typeof METHODS)[Name]['params']>;
    readonly result: Type.Static<(typeof METHODS)[Name]['result']>;
  };
};

/** Subscriptions of /ws. */
export const SUBSCRIPTIONS = {
  rollup_subscribe: {
    summary:
      'Only on /ws. Topic "transfers" (optionally of these ids), "batches" (optionally with what there is from a batch on) ' +
      'or "accounts" (optionally with what there is from a place in the log on); answers a subscription id.',
    params: Type.Union([
      Exact({
        topic: Type.Literal('transfers'),
        ids: Type.Optional(Type.Array(TransactionId, { minItems: 1, maxItems: 1_000 })),
      }),
      Exact({ topic: Type.Literal('batches'), fromBatch: Type.Optional(BatchNumber) }),
      Exact({
        topic: Type.Literal('accounts'),
        accounts: Type.Array(AccountIndex, { minItems: 1, maxItems: MAX_ACCOUNTS }),
        fromSequence: Type.Optional(Sequence),
      }),
    ]),
    result: Type.String(),
  },
  rollup_unsubscribe: {
    summary: 'Only on /ws. Ends a subscription.',
    params: Exact({ subscription: Type.String({ maxLength: 40 }) }),
    result: Type.Boolean(),
  },
} as const;
