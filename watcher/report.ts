/** What one poll of L1 found, for people and programs. */

import type { AssertionConstants, BlockReference } from '@quittance/chain';
import type { AssertedRecord, Bytes32, StepOutcome, StepState } from '@quittance/protocol';
import type { TaskResult } from './dispute/decisions.ts';
import type { Move } from './dispute/modes.ts';
import type { ChunkCase, DisputeCase } from './dispute/situation.ts';
import { batchVerdict, type Verdict } from './replay/verdict.ts';
import type { WaitingBatch } from './replay/verifier.ts';

/** A wrong chunk. */
export interface ReportedFault {
  readonly chunk: number;
  readonly slot: number;
  /** The broken rule, WRONG_STATE or FEES_NOT_COLLECTED. */
  readonly rule: string;
  /** No signature can make the chunk valid. Otherwise only its published signatures are wrong. */
  readonly isConclusive: boolean;
  readonly explanation: string;
  readonly record: Pick<AssertedRecord, 'fields' | 'words'>;
  /** 69 bytes as hexadecimal; 0x when there are none. */
  readonly authorization: string;
  /** The right state before the record. */
  readonly before: StepState;
  /** What the record does to it. */
  readonly outcome: StepOutcome;
}

/** A waiting batch. */
export interface ReportedBatch {
  readonly number: number;
  readonly assertionId: bigint;
  readonly headerHash: Bytes32;
  readonly asserter: string;
  /** Unix seconds until which it can be disputed. */
  readonly disputableUntil: number;
  readonly verdict: Verdict;
  readonly replaySeconds: number | undefined;
  readonly faults: readonly ReportedFault[];
}

/** An action and its result. */
export interface ReportedAction {
  readonly move: Move;
  readonly key: string;
  readonly result: TaskResult;
}

/** The outcome of one poll. */
export interface WatchReport {
  readonly head: BlockReference;
  readonly finalBatch: number;
  readonly stateRoot: bigint;
  /** Everything on L1 has been read and judged. */
  readonly isSynced: boolean;
  /** Blobs are on their way, and took longer than a look waits: the next one goes on with them. */
  readonly isCatchingUp: boolean;
  /** Why batches could not be replayed; the next look tries again. */
  readonly failures: readonly Error[];
  readonly removedBlocks: number;
  readonly waiting: readonly ReportedBatch[];
  /** Chunks that are wrong or disputed. */
  readonly chunks: readonly ChunkCase[];
  readonly disputes: readonly DisputeCase[];
  readonly actions: readonly ReportedAction[];
}

/** A waiting batch as it is reported. */
export function reportBatch(
  { assertion, status, verdict }: WaitingBatch,
  { challengePeriodSeconds }: AssertionConstants,
): ReportedBatch {
  const { assertionId, header, headerHash, asserter } = assertion;
  const faults = [...(verdict?.faults.values() ?? [])];
  return {
    number: header.number,
    assertionId,
    headerHash,
    asserter,
    disputableUntil: status.assertedAt + challengePeriodSeconds,
    verdict: batchVerdict(verdict, status),
    replaySeconds: verdict?.replaySeconds,
    faults: faults.map(({ chunk, slot, result, isConclusive, explanation, record, before, outcome }) => ({
      chunk,
      slot,
      rule: result,
      isConclusive,
      explanation,
      record: { fields: record.fields, words: record.words },
      authorization: `0x${Buffer.from(record.authorization).toString('hex')}`,
      before,
      outcome,
    })),
  };
}

/** Whether a waiting batch is wrong. */
export function hasLie({ waiting }: Pick<WatchReport, 'waiting'>): boolean {
  return waiting.some(({ verdict }) => verdict === 'wrong');
}
