/** The state of everything that a move can concern: what the tables are looked up with. */

import type { Bytes32, StoredHeader } from '@quittance/protocol';
import type { Verdict } from '../replay/verdict.ts';
import type { AssertionPhase, DisputePhase, DisputeSide } from './bond-tables.ts';
import type { ChunkPhase } from './chunk-table.ts';

/** One chunk of a waiting batch that is wrong or disputed. */
export interface ChunkCase {
  readonly assertionId: bigint;
  readonly headerHash: Bytes32;
  /** Of what was replayed. Unlike the header it commits to the authorizations. */
  readonly contentHash: Bytes32;
  readonly number: number;
  /** Block of the assertion. */
  readonly blockNumber: number;
  readonly chunk: number;
  readonly verdict: Verdict;
  readonly phase: ChunkPhase;
  /** Our account asserted it. */
  readonly isOwn: boolean;
  /** Our account has disputed it. */
  readonly isDisputedByUs: boolean;
  /** Unix seconds at which the phase ends by itself; undefined when it does not. */
  readonly deadline: number | undefined;
}

/** A waiting batch, or one of our own whose bond is not back yet. */
export interface AssertionCase {
  readonly assertionId: bigint;
  readonly header: StoredHeader;
  readonly headerHash: Bytes32;
  readonly asserter: string;
  readonly verdict: Verdict;
  readonly phase: AssertionPhase;
  readonly isOwn: boolean;
}

/** A dispute whose bond is not settled yet. */
export interface DisputeCase {
  readonly disputeId: bigint;
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly side: DisputeSide;
  readonly phase: DisputePhase;
}

/** All of it at one moment. */
export interface Situation {
  readonly chunks: readonly ChunkCase[];
  /** In the order of batch numbers. */
  readonly assertions: readonly AssertionCase[];
  readonly disputes: readonly DisputeCase[];
  /** Wei that our account can collect. */
  readonly credit: bigint;
}
