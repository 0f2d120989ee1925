/**
 * Records what became of batches on L1 and notifies listeners. A rejection is kept in the database, so that no restart
 * asserts the batch again and loses another bond; only the operator's word (`resealRejected`) opens its operations again.
 */

import type { BatchRow, BatchState, Inclusion, Storage } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';

/** An assertion of ours that lost its bond. */
export interface Rejection {
  readonly batch: number;
  readonly headerHash: string;
  /** On L1. */
  readonly assertionId: string;
  /** No answer came in time; else a step of it was proven wrong. */
  readonly isUnanswered: boolean;
}

const REJECTION = 'rejection';

/** The rejection that the operator has not dealt with yet, if there is one. */
export function readRejection(storage: Storage): Rejection | undefined {
  const text = storage.meta.get(REJECTION);
  return text === undefined ? undefined : (JSON.parse(text) as Rejection);
}

/** Forgets the rejection. Call it inside a commit. */
export function clearRejection(storage: Storage): void {
  storage.meta.remove(REJECTION);
}

/** The transitions of a batch. Each is durable when the call returns. */
export interface BatchStates {
  /**
   * L1 includes its data here. A final batch stays final; only its place changes.
   *
   * @param inclusion with the gas of the transaction, if it was ours.
   */
  posted(batch: BatchRow, inclusion: Inclusion & { readonly gasUsed?: bigint }): void;
  /** L1 no longer has it. A final batch is left as it is. */
  unposted(batch: BatchRow, state: 'sealed' | 'proving' | 'reverted'): void;
  /** Whether a dispute about it is running. */
  disputed(batch: BatchRow, isDisputed: boolean): void;
  /** L1 rejected the first of these. Written in one transaction with the rejection. */
  rejected(rejection: Rejection, batches: readonly BatchRow[]): void;
  /** It is final and confirmed. */
  final(batch: BatchRow): void;
}

/** Told when a batch changed its state. */
export type OnBatchState = (batch: BatchRow, state: BatchState) => void;

/** The place on L1, without what else an event carries. */
export function placeOf({ transactionHash, blockNumber, blockHash }: Inclusion): Inclusion {
  return { transactionHash, blockNumber, blockHash };
}

/** Whether L1 has the data of a batch that is not final. */
export function isOnL1(state: BatchState): boolean {
  return state === 'posted' || state === 'disputed';
}

/** Transitions in the database of `context`. */
export function createBatchStates({ storage, clock }: SequencerContext, onState: OnBatchState): BatchStates {
  return {
    posted(batch, inclusion) {
      const place = placeOf(inclusion);
      if (batch.state === 'final') {
        // Its content can no longer change, only its place on L1.
        storage.commit(() => storage.batches.move(batch.number, place));
        return;
      }
      storage.commit(() => storage.batches.setPosted(batch.number, place, clock.nowMs(), inclusion.gasUsed));
      onState(batch, 'posted');
    },
    unposted(batch, state) {
      if (batch.state === 'final') return;
      storage.commit(() => storage.batches.setUnposted(batch.number, state));
      onState(batch, state);
    },
    disputed(batch, isDisputed) {
      if (batch.state === 'final' || (batch.state === 'disputed') === isDisputed) return;
      storage.commit(() => storage.batches.setDisputed(batch.number, isDisputed));
      onState(batch, isDisputed ? 'disputed' : 'posted');
    },
    rejected(rejection, batches) {
      storage.commit(() => {
        storage.meta.set(REJECTION, JSON.stringify(rejection));
        for (const { number } of batches) storage.batches.setUnposted(number, 'reverted');
      });
      for (const batch of batches) onState(batch, 'reverted');
    },
    final(batch) {
      storage.commit(() => storage.batches.setFinal(batch.number, clock.nowMs()));
      onState(batch, 'final');
    },
  };
}
