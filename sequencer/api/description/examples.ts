/** One example of each method. A test checks them against the schemas, so that generators and people can rely on them. */

import { API_VERSION, type MethodName, type RpcMethods } from '@quittance/rpc';
import { VERSION } from '../version.ts';
import {
  ACCOUNT,
  ACKNOWLEDGED,
  BATCH,
  CHAIN_ID,
  CONTRACT,
  DEPOSIT,
  DOMAIN,
  HISTORY_ENTRY,
  PROOF,
  REFERENCE,
  SUMMARY,
  TRANSACTION,
  TRANSFER,
  WITHDRAWAL,
} from './example-values.ts';
import type { AnyMethodName } from './forms.ts';

/** Parameters by name, and what a method answers to them. */
export interface Example {
  readonly params: object;
  readonly result: unknown;
}

const CONFIG: RpcMethods['rollup_getConfig']['result'] = {
  version: VERSION,
  apiVersion: API_VERSION,
  chainId: CHAIN_ID,
  contract: CONTRACT,
  deploymentBlock: 0,
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
          message: 'nonce 9 was signed, account 2 expects 1',
          data: {
            reason: 'NONCE_GAP',
            expected: '1',
            actual: '9',
            hint: 'send the transfers with the nonces in between first',
          },
        },
      },
    ],
  },
  rollup_getAccount: { params: { index: ACCOUNT.index, tag: 'latest' }, result: ACCOUNT },
  rollup_getAccounts: { params: { owner: ACCOUNT.owner }, result: [ACCOUNT] },
  rollup_getTransaction: { params: { id: TRANSACTION.id }, result: TRANSACTION },
  rollup_getHistory: {
    params: { account: ACCOUNT.index, limit: 1 },
    result: { entries: [HISTORY_ENTRY], next: HISTORY_ENTRY.sequence },
  },
  rollup_findTransactions: { params: { reference: REFERENCE }, result: { entries: [HISTORY_ENTRY], next: null } },
  rollup_getPriorityOperation: { params: { operationId: DEPOSIT.operationId }, result: DEPOSIT },
  rollup_getPriorityOperations: { params: { owner: DEPOSIT.owner }, result: [DEPOSIT] },
  rollup_getBatches: { params: { limit: 1 }, result: { batches: [SUMMARY], next: SUMMARY.number } },
  rollup_getAssertions: { params: {}, result: [] },
  rollup_getStatistics: {
    params: {},
    result: {
      intervalMs: 10_000,
      points: [
        {
          atMs: 1_800_000_000_000,
          acceptedCount: 2,
          refusedCount: 1,
          sealedCount: 2,
          finalCount: 2,
          latencyP50Ms: 4.2,
          latencyP99Ms: 19.5,
          gasUsed: '412345',
          gasCost: '412345000000000',
          fees: [{ tokenId: 0, amount: '2000000000000' }],
        },
      ],
    },
  },
  rollup_getBatch: { params: { batch: BATCH.header.number }, result: BATCH },
  rollup_getProof: { params: { index: PROOF.index, state: 'finalized' }, result: PROOF },
  rollup_getWithdrawalProof: { params: { batch: BATCH.header.number, index: WITHDRAWAL.index }, result: WITHDRAWAL },
  rollup_estimateFee: {
    params: { tokenId: 0 },
    result: { tokenId: 0, minimumFee: '1000000000000', suggestedFee: '1320000000000' },
  },
  rollup_getConfig: { params: {}, result: CONFIG },
  rollup_syncStatus: {
    params: {},
    result: {
      l1Block: 7,
      l1AgeSeconds: 4,
      priorityOperations: 4,
      openTransfers: 0,
      unpostedTransfers: 0,
      sealedBatch: BATCH.header.number,
      postedBatch: BATCH.header.number,
      finalBatch: BATCH.header.number,
      unlistedThrough: 0,
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
  rollup_subscribe: { params: { topic: 'transfers', ids: [TRANSACTION.id] }, result: SUBSCRIPTION },
  rollup_unsubscribe: { params: { subscription: SUBSCRIPTION }, result: true },
};
