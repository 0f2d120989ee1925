/**
 * What L1 rejected is kept in the database, so that no restart asserts it a second time and loses another bond. Only the
 * operator's word (`resealRejected`) opens its operations again.
 */

import { RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';

/** An assertion of ours that lost its bond. */
export interface Rejection {
  readonly batch: number;
  readonly headerHash: string;
  /** On L1. */
  readonly assertionId: string;
  /** No answer came in time; else a step of it was proven wrong. */
  readonly isUnanswered: boolean;
}

const NAME = 'rejection';

/** The rejection that nobody has dealt with, if there is one. */
export function readRejection(storage: Storage): Rejection | undefined {
  const text = storage.meta.get(NAME);
  return text === undefined ? undefined : (JSON.parse(text) as Rejection);
}

/** Belongs into a commit. */
export function writeRejection(storage: Storage, rejection: Rejection): void {
  storage.meta.set(NAME, JSON.stringify(rejection));
}

/** Belongs into a commit. */
export function clearRejection(storage: Storage): void {
  storage.meta.remove(NAME);
}

/** What the operator reads. */
export function rejectionError({ batch, headerHash, assertionId, isUnanswered }: Rejection): RollupError {
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
