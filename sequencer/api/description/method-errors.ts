/**
 * Which errors a method can answer with, so that clients can know them in advance. What it answers in the tests is held
 * against this table (test/support/sequencer/rpc.ts).
 */

import { ERRORS, type ErrorCode, isErrorCode, RpcNumber } from '@quittance/protocol';
import type { AnyMethodName } from './forms.ts';

/** Reasons that are about the call and not about what it asks for. */
const CALL_REASONS = {
  PARSE_ERROR: { number: RpcNumber.parse, hint: 'send valid JSON in UTF-8' },
  INVALID_REQUEST: { number: RpcNumber.invalidRequest, hint: 'send JSON-RPC 2.0' },
  METHOD_NOT_FOUND: { number: RpcNumber.methodNotFound, hint: 'see /openrpc.json' },
  INVALID_PARAMS: { number: RpcNumber.invalidParams, hint: 'see /openrpc.json' },
  INTERNAL: { number: RpcNumber.internal, hint: 'a bug of the sequencer; its log says more' },
  TOO_MANY_CALLS: { number: RpcNumber.limit, hint: 'send fewer calls at once; see limits of rollup_getConfig' },
  TOO_MANY_SUBSCRIPTIONS: { number: RpcNumber.limit, hint: 'end some, or open another connection' },
} as const;

/** What `data.reason` of an error can be. */
export type Reason = ErrorCode | keyof typeof CALL_REASONS;

/** An error that a method can answer with. */
export interface MethodError {
  readonly reason: Reason;
  readonly number: number;
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** Of every call. */
const ANY: readonly Reason[] = [
  ...(['INVALID_PARAMS', 'RATE_LIMITED', 'BODY_TOO_LARGE', 'TOO_MANY_CALLS', 'REPLICA_BEHIND', 'INTERNAL'] as const),
];

/** Of a transfer: what no sequencer takes, what breaks a rule now, and what passes. */
const TRANSFER: readonly Reason[] = [
  ...(['OUT_OF_RANGE', 'NOT_REPRESENTABLE', 'INVALID_KEY', 'ZERO_OWNER', 'WRONG_DOMAIN'] as const),
  ...(['WORD_RANGE', 'INDEX_RANGE', 'NONZERO_FIELD', 'RESERVED_KIND'] as const),
  ...(['SENDER_EMPTY', 'SELF_TRANSFER', 'RECEIVER_EMPTY', 'TOKEN_MISMATCH', 'NOT_FEE_TOKEN', 'EXPIRED'] as const),
  ...(['NONCE_USED', 'NONCE_GAP', 'NONCE_EXHAUSTED', 'BAD_SIGNATURE', 'INSUFFICIENT_BALANCE'] as const),
  ...(['BALANCE_OVERFLOW', 'FEE_TOO_LOW', 'NO_FEE_ACCOUNT', 'TREE_FULL', 'DESTINATION_UNKNOWN'] as const),
  ...(['BAD_REFERENCE', 'REFERENCE_KEPT'] as const),
  ...([
    'MEMPOOL_FULL',
    'ACCOUNT_CHANGED',
    'READ_ONLY',
    'OPERATION_TAKEN_BACK',
    'OPERATION_REPLACED',
    'SHUTTING_DOWN',
    'CANCELLED',
  ] as const),
  ...(['NOT_LEADER', 'JOURNAL_UNAVAILABLE'] as const),
  // The commit failed: nobody knows whether it stands before the operator has acted. What comes after is told READ_ONLY.
  ...(['DISK_FULL', 'DATABASE_DAMAGED', 'DATABASE_IN_USE', 'JOURNAL_DAMAGED', 'INVARIANT_BROKEN'] as const),
];

/** Of what is read before it is durable: it never became so. */
const PENDING: readonly Reason[] = ['NOT_LEADER', 'JOURNAL_UNAVAILABLE', 'JOURNAL_DAMAGED'];

/** Beside those of every call. */
const OWN: Readonly<Record<AnyMethodName, readonly Reason[]>> = {
  rollup_sendTransfer: TRANSFER,
  // Of its transfers each answers for itself.
  rollup_sendTransfers: [...TRANSFER, 'WRONG_LENGTH'],
  rollup_getAccount: PENDING,
  rollup_getAccounts: PENDING,
  rollup_getTransaction: ['NOT_FOUND'],
  rollup_getHistory: [],
  rollup_findTransactions: [],
  rollup_getPriorityOperation: ['NOT_FOUND'],
  rollup_getPriorityOperations: [],
  rollup_getBatches: [],
  rollup_getAssertions: ['L1_UNREACHABLE'],
  rollup_getStatistics: [],
  rollup_getBatch: ['NOT_FOUND'],
  rollup_getProof: ['BEING_SEALED', 'DATABASE_DAMAGED', ...PENDING],
  rollup_getWithdrawalProof: ['NOT_FOUND'],
  rollup_estimateFee: ['NOT_FOUND'],
  rollup_getConfig: [],
  rollup_syncStatus: [],
  eth_chainId: [],
  net_version: [],
  web3_clientVersion: [],
  rollup_subscribe: ['TOO_MANY_SUBSCRIPTIONS'],
  rollup_unsubscribe: [],
};

/** What is known of a reason. */
export function describeReason(reason: Reason): MethodError {
  if (isErrorCode(reason)) return { reason, number: ERRORS[reason].rpc, hint: ERRORS[reason].hint };
  return { reason, ...CALL_REASONS[reason] };
}

/** The errors that a method can answer with. */
export function errorsOf(method: AnyMethodName): readonly MethodError[] {
  return [...OWN[method], ...ANY].map(describeReason);
}

/** All reasons that this table or the registry of errors has. */
export function isReason(text: string): text is Reason {
  return isErrorCode(text) || Object.hasOwn(CALL_REASONS, text);
}

/** What each number means, as docs/rpc.md has it. */
export const NUMBER_MEANINGS: Readonly<Record<number, string>> = {
  [RpcNumber.parse]: 'no JSON',
  [RpcNumber.invalidRequest]: 'no request',
  [RpcNumber.methodNotFound]: 'no such method',
  [RpcNumber.invalidParams]: 'wrong parameters',
  [RpcNumber.invalidInput]: 'a transfer that no sequencer would take',
  [RpcNumber.rejected]: 'a transfer that breaks a rule now',
  [RpcNumber.notFound]: 'there is no such thing',
  [RpcNumber.limit]: 'a limit; try again later, or with less',
  [RpcNumber.unavailable]: 'the sequencer takes no transfers; reads go on',
  [RpcNumber.internal]: 'the sequencer failed; the operator has to act',
};
