/** The data of batches from calldata, checked against what L1 keeps of them. */

import type {
  AssertionReader,
  AssertionStatus,
  AssertionSubmission,
  BatchSubmission,
  FinalizedBatch,
  RollupReader,
} from '@quittance/chain';
import {
  assertionContent,
  type Bytes32,
  contentHash,
  type Deployment,
  headerHash,
  headerOf,
  RollupError,
  recordsOf,
  type StoredHeader,
} from '@quittance/protocol';
import type { KnownAssertion, L1Model } from '../follow/model.ts';

/** A batch of which L1 knows the signatures, or proofs in their place. */
export type Submission = AssertionSubmission | BatchSubmission;

/** Whether its signatures are published. */
export function isAssertion(submission: Submission): submission is AssertionSubmission {
  return 'authorizations' in submission;
}

/** Reads the data of batches. */
export interface Submissions {
  /** @throws RollupError L1_INCONSISTENT when the data does not match the hash on L1, L1_UNREACHABLE. */
  ofAssertion(
    assertion: KnownAssertion,
    status: Pick<AssertionStatus, 'contentHash'>,
    parent: StoredHeader,
  ): Promise<Submission>;
  /** @throws RollupError as above. */
  ofFinal(batch: FinalizedBatch, model: L1Model, parent: StoredHeader): Promise<Submission>;
}

export interface SubmissionOptions {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
  readonly deployment: Deployment;
  readonly slotsPerChunk: number;
}

/** Batches whose data is cached, since disputes need it again. */
const CACHE_SIZE = 8;

function requireSame(what: string, expected: Bytes32, actual: Bytes32): void {
  if (expected === actual) return;
  throw new RollupError(
    'L1_INCONSISTENT',
    `L1 gave data whose ${what} is ${actual}, the contract holds ${expected}; the node lies or is in the middle of a reorg`,
    { what, expected, actual },
  );
}

/** A reader of batch data with a small cache. */
export function createSubmissions({ reader, assertions, deployment, slotsPerChunk }: SubmissionOptions): Submissions {
  const cache = new Map<string, Submission>();

  /** Cached by content, so that a transaction to which a reorg gave another meaning is read again. */
  async function cached(key: string, read: () => Promise<Submission>): Promise<Submission> {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const submission = await read();
    cache.set(key, submission);
    if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
    return submission;
  }

  const headerOn = (submission: Submission, parent: StoredHeader): StoredHeader =>
    headerOf(parent, submission, recordsOf(submission, slotsPerChunk));

  return {
    ofAssertion: (assertion, status, parent) =>
      cached(`${assertion.headerHash}:${status.contentHash}`, async () => {
        const submission = await assertions.submission(assertion.transactionHash);
        requireSame('header hash', assertion.headerHash, headerHash(headerOn(submission, parent)));
        if (isAssertion(submission)) {
          const content = assertionContent(deployment, slotsPerChunk, submission);
          requireSame('content hash', status.contentHash, contentHash(content));
        }
        return submission;
      }),
    async ofFinal(batch, model, parent) {
      const asserted = model.assertionOf(batch.headerHash);
      const submission = await (asserted === undefined
        ? reader.submission(batch.transactionHash)
        : assertions.submission(asserted.transactionHash));
      requireSame('header hash', batch.headerHash, headerHash(headerOn(submission, parent)));
      return submission;
    },
  };
}
