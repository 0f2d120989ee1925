/** What happened to an account, in the order of the log. */

import Type from 'typebox';
import {
  AccountIndex,
  Address,
  BatchNumber,
  Decimal,
  DestinationNumber,
  Exact,
  Nonce,
  Status,
  TokenId,
  UnixSeconds,
} from './common.ts';
import { ReferenceBytes } from './reference.ts';
import { Signature } from './transfer.ts';

const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** Most entries of one page. */
export const MAX_HISTORY = 100;

/** What an entry is. */
export const HistoryKind = Type.Union([
  Type.Literal('transfer'),
  Type.Literal('transferToNew'),
  Type.Literal('withdraw'),
  Type.Literal('move'),
  Type.Literal('deposit'),
  Type.Literal('forcedExit'),
]);

/** One side of a payment: null where the money comes from or goes to L1. */
const Party = Nullable(Exact({ index: AccountIndex, owner: Address, keyY: Decimal }));

/** What of a signed transfer its entry does not say: with it, everybody can check who signed what. */
export const SignedPart = Exact({
  nonce: Nonce,
  validUntil: UnixSeconds,
  /** Of a move: y of the key in the other rollup; else null. */
  moveKeyY: Nullable(Decimal),
  signature: Signature,
});

/** One entry of the log that changed an account, or that will. */
export const HistoryEntry = Exact({
  /** Place in the sequencer's log: entries of an account have ascending sequences, and a page ends at one. */
  sequence: Type.Integer({ minimum: 1 }),
  kind: HistoryKind,
  /** Transaction id; null for what came from L1. */
  id: Nullable(Decimal),
  /** Number of the priority operation; null for what came over RPC. */
  operationId: Nullable(Type.Integer({ minimum: 0 })),
  status: Status,
  receivedMs: Type.Integer(),
  from: Party,
  to: Party,
  /** Of a move; else null. */
  destination: Nullable(DestinationNumber),
  tokenId: TokenId,
  /** Base units. Of a forced exit: what was paid out; null until it is sealed. */
  amount: Nullable(Decimal),
  fee: Decimal,
  batch: Nullable(BatchNumber),
  /** Position among the withdrawals of the batch; null for what pays nothing out on L1. */
  withdrawal: Nullable(Type.Integer({ minimum: 0 })),
  reference: Nullable(ReferenceBytes),
  /** Why it was dropped, or why a priority operation did nothing; else null. */
  reason: Nullable(Type.String()),
  /** Where signatures were asked for; null for what came from L1, and where the signature is not known. */
  signed: Type.Optional(Nullable(SignedPart)),
});
export type HistoryEntryJson = Type.Static<typeof HistoryEntry>;

/** One page, newest first, with what to ask the next one by; null at the end. */
export const HistoryPage = Exact({
  entries: Type.Array(HistoryEntry),
  next: Nullable(Type.Integer({ minimum: 1 })),
});
export type HistoryPageJson = Type.Static<typeof HistoryPage>;

/** One request from L1: a deposit or a forced exit, and what became of it. */
export const PriorityOperationView = Exact({
  operationId: Type.Integer({ minimum: 0 }),
  kind: Type.Union([Type.Literal('deposit'), Type.Literal('forcedExit')]),
  /** `pending` until a batch has it. */
  status: Status,
  /** Account that it changed or will change; null for a deposit that has no leaf yet. */
  account: Nullable(AccountIndex),
  owner: Address,
  tokenId: TokenId,
  amount: Nullable(Decimal),
  /** Null while the block that has it is not confirmed. */
  sequence: Nullable(Type.Integer({ minimum: 1 })),
  batch: Nullable(BatchNumber),
  withdrawal: Nullable(Type.Integer({ minimum: 0 })),
  reason: Nullable(Type.String()),
});
export type PriorityOperationJson = Type.Static<typeof PriorityOperationView>;
