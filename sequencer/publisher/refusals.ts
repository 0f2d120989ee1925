/** Why publishing stops: for good, or until something on L1 passes. */

import { RollupError } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import type { Rejection } from './batch-states.ts';

/** L1 made another batch final in the place of ours. */
export function mismatch({ number, headerHash }: BatchRow, actual: string): RollupError {
  return new RollupError(
    'FOREIGN_BATCH_FINAL',
    `L1 has another batch ${number} than ours: another producer, or a restored database. Nothing more is accepted or ` +
      'posted; see docs/operations.md',
    { batch: number, expected: headerHash, actual },
  );
}

/** L1 made a batch final that we never sealed. */
export function ahead(onL1: number, last: number): RollupError {
  return new RollupError(
    'FOREIGN_BATCH_FINAL',
    `L1 has batch ${onL1}, our last is ${last}: another producer, or a restored database`,
    { batch: onL1, expected: last, actual: onL1 },
  );
}

/** L1 will refuse the batch from now on. */
export function tooOld({ number, header }: BatchRow, maxBatchAgeSeconds: number): RollupError {
  return new RollupError(
    'BATCH_TOO_OLD',
    `batch ${number} could not be posted for ${maxBatchAgeSeconds} s and L1 refuses it now; restart the sequencer, ` +
      'which seals its operations again with a new time',
    { batch: number, time: header.time, maxBatchAgeSeconds },
  );
}

/** Another producer's batch waits where ours belongs. */
export function foreign(number: number): RollupError {
  return new RollupError(
    'FOREIGN_BATCH',
    `another producer's batch ${number} waits on L1 where ours belongs: ours is posted when that one is rejected or ` +
      'removed; if it becomes final, this sequencer stops',
    { batch: number },
  );
}

/** As many batches wait as the contract takes. */
export function tooManyWait(maxPending: number): RollupError {
  return new RollupError(
    'WAITING_FULL',
    `${maxPending} batches wait on L1, more are refused until the first is final`,
    {
      maximum: maxPending,
    },
  );
}

/** L1 rejected a batch of ours: what the operator reads. */
export function rejected({ batch, headerHash, assertionId, isUnanswered }: Rejection): RollupError {
  const why = isUnanswered
    ? 'nobody answered a dispute in time. Run `quittance watch --mode defend` with the producer’s keystore'
    : 'a step of it was proven wrong on L1. This software executes transactions wrongly: report it, and get a repaired version';
  return new RollupError(
    'BATCH_REJECTED',
    `L1 rejected our batch ${batch} (assertion ${assertionId}) and took its bond: ${why}. Nothing more is accepted or ` +
      'posted. Then start once with --reseal-rejected, which seals its operations again; see docs/operations.md',
    { batch, headerHash, assertionId, isUnanswered },
  );
}
