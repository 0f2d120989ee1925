/** One example of each method. A test checks them against the schemas, so that generators and people can rely on them. */

import { API_VERSION, type MethodName, type RpcMethods, type TransferJson } from '@quittance/rpc';
import { VERSION } from '../version.ts';
import {
  ACCOUNT,
  ALICE,
  CONTRACT,
  DOMAIN,
  HEADER,
  HISTORY_ENTRY,
  ID,
  L1_TRANSACTION,
  REFERENCE,
  SIGNATURE,
  SUMMARY,
  TRANSACTION,
} from './example-values.ts';
import type { AnyMethodName } from './forms.ts';

/** Parameters by name, and what a method answers to them. */
export interface Example {
  readonly params: object;
  readonly result: unknown;
}

const TRANSFER: TransferJson = {
  kind: 'transfer',
  from: ACCOUNT.index,
  to: 9,
  amount: TRANSACTION.amount,
  fee: TRANSACTION.fee,
  nonce: TRANSACTION.nonce,
  validUntil: 0,
  signature: SIGNATURE,
  domain: DOMAIN,
};

const ACKNOWLEDGED = { id: ID, sequence: TRANSACTION.sequence, status: 'pending' } as const;

const CONFIG: RpcMethods['rollup_getConfig']['result'] = {
  version: VERSION,
  apiVersion: API_VERSION,
  chainId: '31337',
  contract: CONTRACT,
  deploymentBlock: 9,
  assertions: null,
  priorityFee: '100000000000000',
  domain: DOMAIN,
  profile: 'quick',
  mode: 'zk',
  slotsPerChunk: 16,
  maxChunks: 2,
  sealAfterMs: 30_000,
  confirmations: 1,
  minimumValiditySeconds: 60,
  feeTokens: [{ tokenId: 0, minimumFee: '1000000000000' }],
  tokens: [
    { tokenId: 0, address: `0x${'0'.repeat(40)}`, symbol: 'ETH', decimals: 18, minimumFee: '1000000000000' },
    { tokenId: 1, address: '0x5fbdb2315678afecb367f032d93f642f64180aa3', symbol: null, decimals: 6, minimumFee: null },
  ],
  limits: { transfersPerCall: 1_000, callsPerBatch: 100, bodyBytes: 1_048_576 },
  listTypes: ['application/json', 'application/octet-stream'],
  explorer: '/explorer/',
};

const WITHDRAWAL = { owner: ALICE, tokenId: 0, amount: '1000000000000000000', move: null } as const;

/** Those of the methods, typed by their schemas. */
const OF_METHODS: { readonly [Name in MethodName]: Pick<RpcMethods[Name], 'params' | 'result'> } = {
  rollup_sendTransfer: { params: { transfer: TRANSFER }, result: ACKNOWLEDGED },
  rollup_sendTransfers: {
    params: { transfers: [TRANSFER, { ...TRANSFER, nonce: 9 }] },
    result: [
      ACKNOWLEDGED,
      {
        error: {
          code: -32003,
          message: 'the nonce is 9, but 3 is next',
          data: { reason: 'NONCE_GAP', expected: '3', actual: '9' },
        },
      },
    ],
  },
  rollup_getAccount: { params: { index: ACCOUNT.index, tag: 'latest' }, result: ACCOUNT },
  rollup_getAccounts: { params: { owner: ALICE }, result: [ACCOUNT] },
  rollup_getTransaction: { params: { id: ID }, result: TRANSACTION },
  rollup_getHistory: {
    params: { account: ACCOUNT.index, limit: 1 },
    result: { entries: [HISTORY_ENTRY], next: HISTORY_ENTRY.sequence },
  },
  rollup_findTransactions: { params: { reference: REFERENCE }, result: { entries: [HISTORY_ENTRY], next: null } },
  rollup_getPriorityOperation: {
    params: { operationId: 11 },
    result: {
      operationId: 11,
      kind: 'deposit',
      status: 'final',
      account: ACCOUNT.index,
      owner: ALICE,
      tokenId: 0,
      amount: '10000000000000000000',
      sequence: 1_001,
      batch: 41,
      withdrawal: null,
      reason: null,
    },
  },
  rollup_getPriorityOperations: { params: { owner: ALICE, after: 11 }, result: [] },
  rollup_getBatches: { params: { limit: 1 }, result: { batches: [SUMMARY], next: SUMMARY.number } },
  rollup_getAssertions: { params: {}, result: [] },
  rollup_getStatistics: {
    params: {},
    result: {
      intervalMs: 10_000,
      points: [
        {
          atMs: 1_790_000_000_000,
          acceptedCount: 27,
          refusedCount: 1,
          sealedCount: 27,
          finalCount: 27,
          latencyP50Ms: 4.2,
          latencyP99Ms: 19.5,
          gasUsed: '412345',
          gasCost: '412345000000000',
          fees: [{ tokenId: 0, amount: '27000000000000' }],
        },
      ],
    },
  },
  rollup_getBatch: {
    params: { batch: HEADER.number },
    result: {
      header: HEADER,
      headerHash: SUMMARY.headerHash,
      state: 'final',
      form: 'calldata',
      blobHashes: [],
      transferCount: SUMMARY.transferCount,
      priorityCount: SUMMARY.priorityCount,
      sealedMs: SUMMARY.sealedMs,
      postedMs: SUMMARY.postedMs,
      finalMs: SUMMARY.finalMs,
      l1Transaction: L1_TRANSACTION,
      l1BlockNumber: SUMMARY.l1BlockNumber,
      transfers: [ID],
      withdrawals: [{ index: 0, ...WITHDRAWAL }],
    },
  },
  rollup_getProof: {
    params: { index: ACCOUNT.index, state: 'finalized' },
    result: {
      index: ACCOUNT.index,
      account: ACCOUNT,
      batch: HEADER.number,
      stateRoot: HEADER.stateRoot,
      path: Array.from({ length: 12 }, (_, level) =>
        ['0', '0', '0', '0'].map((zero, child) => (child === level % 4 ? HEADER.stateRoot : zero)),
      ),
    },
  },
  rollup_getWithdrawalProof: {
    params: { batch: HEADER.number, index: 0 },
    result: {
      header: HEADER,
      status: 'final',
      index: 0,
      ownerAndToken: String(BigInt(ALICE)),
      ...WITHDRAWAL,
      siblings: [],
    },
  },
  rollup_estimateFee: {
    params: { tokenId: 0 },
    result: { tokenId: 0, minimumFee: '1000000000000', suggestedFee: '1320000000000' },
  },
  rollup_getConfig: { params: {}, result: CONFIG },
  rollup_syncStatus: {
    params: {},
    result: {
      l1Block: 813,
      l1AgeSeconds: 4,
      priorityOperations: 12,
      openTransfers: 0,
      unpostedTransfers: 0,
      sealedBatch: HEADER.number,
      postedBatch: HEADER.number,
      finalBatch: HEADER.number,
      trouble: null,
      halted: null,
    },
  },
  eth_chainId: { params: {}, result: '0x7a69' },
  net_version: { params: {}, result: '31337' },
  web3_clientVersion: { params: {}, result: `quittance/${VERSION}` },
};

const SUBSCRIPTION = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';

/** By method. */
export const EXAMPLES: Readonly<Record<AnyMethodName, Example>> = {
  ...OF_METHODS,
  rollup_subscribe: { params: { topic: 'transfers', ids: [ID] }, result: SUBSCRIPTION },
  rollup_unsubscribe: { params: { subscription: SUBSCRIPTION }, result: true },
};
