/** What the reading methods answer. */

import Type from 'typebox';
import {
  AccountIndex,
  Address,
  BatchNumber,
  BatchStateName,
  Decimal,
  DestinationNumber,
  Exact,
  Hash,
  Nonce,
  StateTagName,
  Status,
  TokenId,
  UnixSeconds,
} from './common.ts';
import { ReferenceBytes } from './reference.ts';

/** One account. */
export const AccountView = Exact({
  index: AccountIndex,
  keyY: Decimal,
  owner: Address,
  tokenId: TokenId,
  nonce: Nonce,
  balance: Decimal,
});
export type AccountJson = Type.Static<typeof AccountView>;

const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** Where a move takes money: the number of a destination on L1, and the key there. */
const MoveTargetView = Exact({ destination: DestinationNumber, keyY: Decimal });

/** One transfer with what became of it. */
export const TransactionView = Exact({
  id: Decimal,
  sequence: Type.Integer(),
  status: Status,
  receivedMs: Type.Integer(),
  kind: Type.Union([
    Type.Literal('transfer'),
    Type.Literal('transferToNew'),
    Type.Literal('withdraw'),
    Type.Literal('move'),
  ]),
  from: AccountIndex,
  to: Nullable(AccountIndex),
  tokenId: TokenId,
  /** Of the accounts that it named: an index can get another owner when the transfer that created the account is dropped. */
  fromOwner: Address,
  /** Null where the money goes to L1. */
  toOwner: Nullable(Address),
  /** Of a move; else null. */
  move: Nullable(MoveTargetView),
  amount: Decimal,
  fee: Decimal,
  nonce: Nonce,
  validUntil: UnixSeconds,
  batch: Nullable(BatchNumber),
  chunk: Nullable(Type.Integer()),
  slot: Nullable(Type.Integer()),
  /** Position among the batch's withdrawals. */
  withdrawal: Nullable(Type.Integer()),
  l1Transaction: Nullable(Hash),
  /** Payment reference. */
  reference: Nullable(ReferenceBytes),
  /** Why it was dropped. */
  drop: Nullable(
    Exact({
      reason: Type.String(),
      message: Type.String(),
      expected: Type.Optional(Type.String()),
      actual: Type.Optional(Type.String()),
    }),
  ),
});
export type TransactionJson = Type.Static<typeof TransactionView>;

/** Header of a batch: what a claim on L1 needs. */
export const Header = Exact({
  number: BatchNumber,
  time: UnixSeconds,
  parentHash: Hash,
  stateRoot: Decimal,
  chunksHash: Hash,
  withdrawalsRoot: Hash,
  withdrawalCount: Type.Integer(),
  priorityCount: Type.Integer(),
  transferToNewCount: Type.Integer(),
});
export type HeaderJson = Type.Static<typeof Header>;

const WithdrawalView = Exact({
  index: Type.Integer(),
  owner: Address,
  tokenId: TokenId,
  amount: Decimal,
  /** Null: to the owner on L1. */
  move: Nullable(MoveTargetView),
});

/** One batch. */
export const BatchView = Exact({
  header: Header,
  headerHash: Hash,
  state: BatchStateName,
  /** Where its records are on L1; its visible lists are in calldata whatever this is. */
  form: Type.Union([Type.Literal('calldata'), Type.Literal('coefficients'), Type.Literal('evaluations')]),
  /** Versioned hashes of its blobs. */
  blobHashes: Type.Array(Hash),
  transferCount: Type.Integer(),
  priorityCount: Type.Integer(),
  sealedMs: Type.Integer(),
  postedMs: Nullable(Type.Integer()),
  finalMs: Nullable(Type.Integer()),
  l1Transaction: Nullable(Hash),
  l1BlockNumber: Nullable(Type.Integer()),
  transfers: Type.Array(Decimal),
  withdrawals: Type.Array(WithdrawalView),
});
export type BatchJson = Type.Static<typeof BatchView>;

/** Merkle proof of an account. */
export const ProofView = Exact({
  index: AccountIndex,
  account: Nullable(AccountView),
  batch: BatchNumber,
  stateRoot: Decimal,
  /** 12 levels of four children, the root's first. */
  path: Type.Array(Type.Array(Decimal)),
});
export type ProofJson = Type.Static<typeof ProofView>;

/** All that claimWithdrawals on L1 needs; executeMoves and claimMoves for a move. */
export const WithdrawalProofView = Exact({
  header: Header,
  status: Status,
  index: Type.Integer(),
  ownerAndToken: Decimal,
  owner: Address,
  tokenId: TokenId,
  amount: Decimal,
  move: Nullable(MoveTargetView),
  siblings: Type.Array(Hash),
});
export type WithdrawalProofJson = Type.Static<typeof WithdrawalProofView>;

/** Most characters of a token's symbol. */
export const MAX_SYMBOL_LENGTH = 32;
/** Most decimals of a token that are believed. */
export const MAX_DECIMALS = 36;

/** A token that the rollup knows. What it says of itself is no promise: anybody can register one. */
export const TokenView = Exact({
  tokenId: TokenId,
  /** On L1; the zero address for ETH. */
  address: Address,
  /** As the token calls itself, printable; null when it does not. */
  symbol: Nullable(Type.String({ maxLength: MAX_SYMBOL_LENGTH })),
  /** Null when the token does not say it, or says what cannot be. */
  decimals: Nullable(Type.Integer({ minimum: 0, maximum: MAX_DECIMALS })),
  /** Least fee of a transfer in base units; null for a token that can only be deposited and withdrawn on L1. */
  minimumFee: Nullable(Decimal),
});
export type TokenJson = Type.Static<typeof TokenView>;

/** Settings that wallets need. */
export const ConfigView = Exact({
  /** Of the software. */
  version: Type.String(),
  /** Major version of this interface. */
  apiVersion: Type.Integer({ minimum: 1 }),
  chainId: Decimal,
  contract: Address,
  /** First block of L1 that can have anything of this rollup. */
  deploymentBlock: Type.Integer({ minimum: 0 }),
  /** Contract of the optimistic mode; null where the rollup has none. */
  assertions: Nullable(Address),
  /** Wei that a deposit or an exit request pays on L1, as it was in the last block that was seen. */
  priorityFee: Decimal,
  domain: Decimal,
  profile: Type.String(),
  /** How batches become final. */
  mode: Type.Union([Type.Literal('zk'), Type.Literal('optimistic'), Type.Literal('hybrid')]),
  slotsPerChunk: Type.Integer(),
  maxChunks: Type.Integer(),
  sealAfterMs: Type.Integer(),
  confirmations: Type.Integer(),
  /** Least time from now to validUntil. */
  minimumValiditySeconds: Type.Integer(),
  feeTokens: Type.Array(Exact({ tokenId: TokenId, minimumFee: Decimal })),
  /** The fee tokens and the first others by id; at most 100. */
  tokens: Type.Array(TokenView),
  limits: Exact({ transfersPerCall: Type.Integer(), callsPerBatch: Type.Integer(), bodyBytes: Type.Integer() }),
  /** Content types in which lists of transfers are taken (docs/rpc.md). */
  listTypes: Type.Array(Type.String()),
  /** Path of the explorer on this server; null where it serves none. */
  explorer: Nullable(Type.String()),
});
export type ConfigJson = Type.Static<typeof ConfigView>;

const Trouble = Nullable(Exact({ reason: Type.String(), message: Type.String() }));

/** How far everything is. */
export const SyncStatusView = Exact({
  l1Block: Type.Integer(),
  l1AgeSeconds: Nullable(Type.Integer()),
  priorityOperations: Type.Integer(),
  openTransfers: Type.Integer(),
  unpostedTransfers: Type.Integer(),
  sealedBatch: BatchNumber,
  postedBatch: BatchNumber,
  finalBatch: BatchNumber,
  /**
   * The last batch some of whose transfers are known by no id and in no history, because a lost database was made anew from L1,
   * which keeps neither of what was proven; 0 when all are known. Balances, nonces and proofs are complete.
   */
  unlistedThrough: BatchNumber,
  trouble: Trouble,
  halted: Trouble,
});
export type SyncStatusJson = Type.Static<typeof SyncStatusView>;

/** Fees of a transfer now, in base units of the token. */
export const FeeView = Exact({
  tokenId: TokenId,
  /** Less is refused with FEE_TOO_LOW. */
  minimumFee: Decimal,
  /** What a slot costs at today's prices of L1 with the operator's margin; always a fee that a record can state. */
  suggestedFee: Decimal,
});
export type FeeJson = Type.Static<typeof FeeView>;

/** Which batch: by number, or the last one that a tag includes. */
export const BatchSelector = Type.Union([BatchNumber, StateTagName]);
