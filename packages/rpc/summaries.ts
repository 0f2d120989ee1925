/** What lists and charts show: batches in short, what waits on L1, and figures over time. */

import Type from 'typebox';
import { Address, BatchNumber, BatchStateName, Decimal, Exact, Hash } from './common.ts';

const Nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });

/** Most batches of one page. */
export const MAX_BATCHES = 100;

/** A batch in a list. */
export const BatchSummary = Exact({
  number: BatchNumber,
  headerHash: Hash,
  stateRoot: Decimal,
  state: BatchStateName,
  form: Type.Union([Type.Literal('calldata'), Type.Literal('coefficients'), Type.Literal('evaluations')]),
  transferCount: Count,
  priorityCount: Count,
  withdrawalCount: Count,
  chunkCount: Count,
  /** Chunks whose proofs are made. */
  provenCount: Count,
  sealedMs: Type.Integer(),
  postedMs: Nullable(Type.Integer()),
  finalMs: Nullable(Type.Integer()),
  l1Transaction: Nullable(Hash),
  l1BlockNumber: Nullable(Type.Integer()),
  /** Gas that the transaction took; null while there is none. */
  l1GasUsed: Nullable(Decimal),
});
export type BatchSummaryJson = Type.Static<typeof BatchSummary>;

/** Newest first. */
export const BatchPage = Exact({ batches: Type.Array(BatchSummary), next: Nullable(BatchNumber) });
export type BatchPageJson = Type.Static<typeof BatchPage>;

/** A dispute of a chunk. */
const DisputeView = Exact({
  chunk: Count,
  /** What it waits for: the asserter's answer, or the proof of a step. */
  phase: Type.Union([Type.Literal('answer'), Type.Literal('step')]),
  challenger: Address,
  /** Unix seconds. */
  deadline: Type.Integer(),
  bond: Decimal,
});

/** An assertion that waits on L1. */
export const AssertionView = Exact({
  assertionId: Decimal,
  batch: BatchNumber,
  asserter: Address,
  bond: Decimal,
  /** Unix seconds at which the challenge period ends. */
  finalAt: Type.Integer(),
  disputes: Type.Array(DisputeView),
});
export type AssertionJson = Type.Static<typeof AssertionView>;

/** Figures of one interval. */
export const StatisticsPoint = Exact({
  /** Start of the interval, Unix milliseconds. */
  atMs: Type.Integer(),
  acceptedCount: Count,
  refusedCount: Count,
  sealedCount: Count,
  finalCount: Count,
  /** Median and 99th percentile of the time from arrival to acknowledgement; null where nothing was accepted. */
  latencyP50Ms: Nullable(Type.Number()),
  latencyP99Ms: Nullable(Type.Number()),
  /** Gas that went to L1 for batches, and what it cost, in wei. */
  gasUsed: Decimal,
  gasCost: Decimal,
  /** Fees of sealed transfers by token id, base units. */
  fees: Type.Array(Exact({ tokenId: Count, amount: Decimal })),
});
export type StatisticsPointJson = Type.Static<typeof StatisticsPoint>;

/** Since the sequencer started, oldest first; at most 360 points. */
export const StatisticsView = Exact({ intervalMs: Count, points: Type.Array(StatisticsPoint) });
export type StatisticsJson = Type.Static<typeof StatisticsView>;
