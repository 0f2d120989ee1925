/** The reasons why publishing stops, for good or until L1 changes. */

import { RollupError } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import type { SequencerMode } from '../config.ts';
import type { Rejection } from './batch-states.ts';

/** L1 made another batch with this number final. */
export function mismatch({ number, headerHash }: BatchRow, actual: string): RollupError {
  return new RollupError(
    'FOREIGN_BATCH_FINAL',
    `L1 made another batch ${number} final than ours: another producer posted it, or this database was restored. Nothing ` +
      'more is accepted or posted; see docs/how-to/halt-and-recover.md',
    { batch: number, expected: headerHash, actual },
  );
}

/** L1 made a batch final that we never sealed. */
export function ahead(onL1: number, last: number): RollupError {
  return new RollupError(
    'FOREIGN_BATCH_FINAL',
    `L1 is at batch ${onL1}, but our last is ${last}: ${last === 0 ? 'this database is empty' : 'this database was restored from an old copy'}, or ` +
      'another producer posted. Nothing more is accepted or posted. Make sure that only one sequencer runs, end it, and ' +
      '`quittance sequencer recover` brings the database up to what L1 has; see docs/how-to/halt-and-recover.md',
    { batch: onL1, expected: last, actual: onL1 },
  );
}

/** L1 refuses the batch from now on. */
export function tooOld({ number, header }: BatchRow, maxBatchAgeSeconds: number): RollupError {
  return new RollupError(
    'BATCH_TOO_OLD',
    `batch ${number} could not be posted for ${maxBatchAgeSeconds} s and L1 refuses it now; restart ` +
      'the sequencer: it seals the operations again with a new time',
    { batch: number, time: header.time, maxBatchAgeSeconds },
  );
}

/** Another producer's batch waits where ours belongs. */
export function foreign(number: number): RollupError {
  return new RollupError(
    'FOREIGN_BATCH',
    `another producer's batch ${number} waits on L1 where ours belongs: ours is posted when that one is rejected or ` +
      'removed; if it becomes final, this sequencer turns read-only',
    { batch: number },
  );
}

/** A dispute of ours waits for its answer, which only this account can give. */
export function answerDue({ number }: BatchRow): RollupError {
  return new RollupError(
    'ANSWER_DUE',
    `a dispute of batch ${number} waits for its answer, and nothing is asserted before it: the defender gives it, here or, with ` +
      '--defend elsewhere, `quittance watch --mode defend` with the producer’s keystore',
    { batch: number },
  );
}

/** The contract lets no more batches wait. */
export function tooManyWait(maxPending: number): RollupError {
  return new RollupError(
    'WAITING_FULL',
    `${maxPending} batches wait on L1, and it takes no more until the first is final`,
    {
      maximum: maxPending,
    },
  );
}

/** Why a batch can be posted in some modes only, and in which. */
const ONE_WAY = {
  evaluations: { why: 'it was asserted in blobs, and nobody can prove it', modes: 'optimistic or hybrid' },
  coefficients: { why: 'its blob goes with its proofs only', modes: 'zk' },
} as const;

/** This mode cannot bring the batch to L1. A final one was there: L1 took back more blocks than our confirmations. */
export function ofAnotherMode(
  { number, state }: BatchRow,
  form: keyof typeof ONE_WAY,
  mode: SequencerMode,
): RollupError {
  const { why, modes } = ONE_WAY[form];
  const message =
    state === 'final'
      ? `L1 took back batch ${number}, and mode ${mode} cannot bring it there again: ${why}. Start with --mode ${modes} until ` +
        'it is final again; nothing else is posted before it'
      : `batch ${number} cannot be posted in mode ${mode}: ${why}. Start again: its operations are sealed anew`;
  return new RollupError('BATCH_OF_ANOTHER_MODE', message, { batch: number, expected: modes, actual: mode });
}

/** L1 rejected a batch of ours: what the operator reads. */
export function rejected({ batch, headerHash, assertionId, isUnanswered }: Rejection): RollupError {
  const why = isUnanswered
    ? 'nobody answered a dispute in time. Run `quittance watch --mode defend` with the producer’s keystore'
    : 'a step of it was proven wrong on L1. This software executes transactions wrongly: report it and get a repaired version';
  return new RollupError(
    'BATCH_REJECTED',
    `L1 rejected our batch ${batch} (assertion ${assertionId}) and took its bond: ${why}. Nothing more is accepted or ` +
      'posted. Once that is done, start with --reseal-rejected to seal its operations again; see docs/how-to/halt-and-recover.md',
    { batch, headerHash, assertionId, isUnanswered },
  );
}
