/** The calldata of sealed batches, built from the database each time, so that restarts and reorgs make no difference. */

import type { AssertionContent, AssertionSubmission, BatchSubmission } from '@quittance/chain';
import {
  assertionContent,
  chunkAuthorizations,
  type Deployment,
  type Profile,
  type StoredHeader,
} from '@quittance/protocol';
import type { BatchRow, Storage } from '../../storage/index.ts';
import { operationsOf } from '../batcher/operations.ts';

/** What is sent to L1 for a batch. */
export interface Submissions {
  /** With its proofs; undefined until every chunk has one. */
  proven(batch: BatchRow): BatchSubmission | undefined;
  /** With its signatures. @throws RollupError DATABASE_DAMAGED when one is missing. */
  asserted(batch: BatchRow): AssertionSubmission;
  /** What L1 checks the proofs of a waiting batch against. @throws RollupError DATABASE_DAMAGED. */
  content(batch: BatchRow): AssertionContent;
}

export interface SubmissionsOptions {
  readonly storage: Storage;
  readonly profile: Profile;
  readonly deployment: Deployment;
  readonly genesis: StoredHeader;
}

/** Submissions from the database. */
export function createSubmissions({ storage, profile, deployment, genesis }: SubmissionsOptions): Submissions {
  const common = (batch: BatchRow): Omit<BatchSubmission, 'proofs'> => {
    const chunks = storage.chunks.ofBatch(batch.number);
    const parent = batch.number === 1 ? genesis : storage.batches.get(batch.number - 1)!.header;
    return {
      parent,
      number: batch.number,
      time: batch.header.time,
      roots: [parent.stateRoot, ...chunks.map(({ newRoot }) => newRoot)],
      commitments: chunks.map(({ commitment }) => commitment),
      feeTokens: chunks.map(({ feeTokens }) => feeTokens),
      chunks: chunks.map(({ data }) => data),
    };
  };
  const asserted = (batch: BatchRow): AssertionSubmission => ({
    ...common(batch),
    authorizations: storage.chunks
      .ofBatch(batch.number)
      .map((chunk) => chunkAuthorizations(operationsOf(storage, profile, chunk))),
  });
  return {
    proven(batch) {
      const chunks = storage.chunks.ofBatch(batch.number);
      const proofs = chunks.flatMap(({ index }) => storage.proofs.get(batch.number, index)?.proof ?? []);
      return proofs.length < chunks.length ? undefined : { ...common(batch), proofs };
    },
    asserted,
    content: (batch) => assertionContent(deployment, profile.slotsPerChunk, asserted(batch)),
  };
}
