/**
 * JSON Schema for generators: what has a name is referred to by it, words are enumerations. The tables of packages/rpc, by
 * which requests are checked, say the same without names.
 */

import * as rpc from '@quittance/rpc';
import { ALL_METHODS, type Schema } from './forms.ts';

/** Schemas that have a name in the descriptions, the smaller ones first. */
const NAMED: Readonly<Record<string, unknown>> = {
  Decimal: rpc.Decimal,
  Address: rpc.Address,
  Hash: rpc.Hash,
  TransactionId: rpc.TransactionId,
  AccountIndex: rpc.AccountIndex,
  DestinationNumber: rpc.DestinationNumber,
  TokenId: rpc.TokenId,
  Nonce: rpc.Nonce,
  UnixSeconds: rpc.UnixSeconds,
  BatchNumber: rpc.BatchNumber,
  StateTag: rpc.StateTagName,
  BatchState: rpc.BatchStateName,
  Status: rpc.Status,
  ReferenceBytes: rpc.ReferenceBytes,
  SignedReference: rpc.SignedReference,
  Account: rpc.AccountView,
  Transaction: rpc.TransactionView,
  BatchHeader: rpc.Header,
  Batch: rpc.BatchView,
  BatchSummary: rpc.BatchSummary,
  BatchPage: rpc.BatchPage,
  Assertion: rpc.AssertionView,
  Proof: rpc.ProofView,
  WithdrawalProof: rpc.WithdrawalProofView,
  Token: rpc.TokenView,
  Config: rpc.ConfigView,
  SyncStatus: rpc.SyncStatusView,
  Fee: rpc.FeeView,
  HistoryEntry: rpc.HistoryEntry,
  HistoryPage: rpc.HistoryPage,
  PriorityOperation: rpc.PriorityOperationView,
  StatisticsPoint: rpc.StatisticsPoint,
  Statistics: rpc.StatisticsView,
  PlainTransfer: rpc.PlainTransfer,
  NewAccountTransfer: rpc.NewAccountTransfer,
  WithdrawTransfer: rpc.WithdrawTransfer,
  MoveTransfer: rpc.MoveTransfer,
  Transfer: rpc.Transfer,
  Acknowledgement: rpc.Acknowledged,
  RpcError: rpc.RpcErrorObject,
  TransferResult: rpc.TransferResult,
};

const textOf = (schema: unknown): string => JSON.stringify(schema);

/** Names by what they stand for: `Type.Optional` makes copies, so that being the same object says too little. */
const NAMES = new Map(Object.entries(NAMED).map(([name, schema]) => [textOf(schema), name]));

const REFERENCE = '#/components/schemas/';

/** The words of alternatives that are nothing but words. */
function wordsOf(alternatives: unknown): string[] | undefined {
  if (!Array.isArray(alternatives)) return undefined;
  const words = alternatives.map((schema: Schema) => schema['const']);
  return words.every((word) => typeof word === 'string') ? words : undefined;
}

function convert(value: unknown, own?: string): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item));
  if (typeof value !== 'object' || value === null) return value;
  const name = NAMES.get(textOf(value));
  if (name !== undefined && name !== own) return { $ref: `${REFERENCE}${name}` };
  const { anyOf, ...rest } = value as Schema;
  const words = wordsOf(anyOf);
  if (words !== undefined) return { type: 'string', enum: words, ...rest };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item)]));
}

/** A schema with names for its parts, and for itself if it has one. */
export function describeSchema(schema: unknown): Schema {
  return convert(schema) as Schema;
}

/** The names that a described schema refers to. */
function referencesIn(described: unknown): string[] {
  return [...textOf(described).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
}

/** The named schemas that the methods use, directly or through others, each with names for its parts. */
export function componentSchemas(): Readonly<Record<string, Schema>> {
  const used = new Map<string, Schema>();
  const waiting = Object.values(ALL_METHODS).flatMap(({ params, result }) =>
    referencesIn([describeSchema(params), describeSchema(result)]),
  );
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (used.has(name)) continue;
    const schema = convert(NAMED[name], name) as Schema;
    used.set(name, schema);
    waiting.push(...referencesIn(schema));
  }
  return Object.fromEntries([...used].toSorted(([one], [other]) => one.localeCompare(other)));
}
