/** The data of batches from calldata and blobs, checked against what L1 keeps of them. */

import {
  type AssertionReader,
  type AssertionStatus,
  type AssertionSubmission,
  type BatchSubmission,
  type BlobSource,
  type FinalizedBatch,
  type RollupReader,
  type WithBlobs,
  withBlobs,
} from '@quittance/chain';
import { requireHash, requireHeader } from '@quittance/derivation';
import { assertionContent, type Bytes32, contentHash, type Deployment, type StoredHeader } from '@quittance/protocol';
import type { KnownAssertion, L1Model } from '../follow/model.ts';

/** A batch of which L1 knows the signatures, or proofs in their place. */
export type Submission = WithBlobs<AssertionSubmission> | WithBlobs<BatchSubmission>;

/** Whether its signatures are published. */
export function isAssertion(submission: Submission): submission is WithBlobs<AssertionSubmission> {
  return 'authorizations' in submission;
}

/** Reads the data of batches. */
export interface Submissions {
  /** @throws RollupError L1_INCONSISTENT when the data does not match the hash on L1, BLOB_UNAVAILABLE, BLOB_LATE, L1_UNREACHABLE. */
  ofAssertion(
    assertion: KnownAssertion,
    status: Pick<AssertionStatus, 'contentHash'>,
    parent: StoredHeader,
    signal?: AbortSignal,
  ): Promise<Submission>;
  /** Lets a batch stay in memory before others, if it is there: a dispute will need it, whoever has its blobs by then. */
  keep(assertion: KnownAssertion, status: Pick<AssertionStatus, 'contentHash'>): void;
  /** @throws RollupError as above. */
  ofFinal(batch: FinalizedBatch, model: L1Model, parent: StoredHeader, signal?: AbortSignal): Promise<Submission>;
}

export interface SubmissionOptions {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
  readonly blobs: BlobSource;
  readonly deployment: Deployment;
  readonly slotsPerChunk: number;
}

/** Batches whose data is cached, since disputes need it again: those that were used last. */
const CACHE_SIZE = 8;

const keyOf = (
  { headerHash }: KnownAssertion,
  { contentHash: content }: Pick<AssertionStatus, 'contentHash'>,
): string => `${headerHash}:${content}`;

/** A reader of batch data with a small cache. */
export function createSubmissions(options: SubmissionOptions): Submissions {
  const { reader, assertions, blobs: source, deployment, slotsPerChunk } = options;
  const cache = new Map<string, Submission>();

  function use(key: string, submission: Submission): void {
    cache.delete(key);
    cache.set(key, submission);
  }

  /** Cached by content, so that a transaction to which a reorg gave another meaning is read again. */
  async function cached(key: string, read: () => Promise<Submission>): Promise<Submission> {
    const submission = cache.get(key) ?? (await read());
    use(key, submission);
    if (cache.size > CACHE_SIZE) cache.delete(cache.keys().next().value!);
    return submission;
  }

  const requireContent = (expected: Bytes32, submission: AssertionSubmission): void => {
    requireHash('content hash', expected, () => assertionContent(deployment, slotsPerChunk, submission), contentHash);
  };

  return {
    ofAssertion: (assertion, status, parent, signal) =>
      cached(keyOf(assertion, status), async () => {
        const posted = await assertions.submission(assertion.transactionHash);
        requireHeader(assertion.headerHash, parent, posted);
        if ('authorizations' in posted) requireContent(status.contentHash, posted);
        return withBlobs({ reader, source }, posted, assertion.blockNumber, signal);
      }),
    keep(assertion, status) {
      const key = keyOf(assertion, status);
      const known = cache.get(key);
      if (known !== undefined) use(key, known);
    },
    async ofFinal(batch, model, parent, signal) {
      const asserted = model.assertionOf(batch.headerHash);
      const posted = await (asserted === undefined
        ? reader.submission(batch.transactionHash)
        : assertions.submission(asserted.transactionHash));
      requireHeader(batch.headerHash, parent, posted);
      return withBlobs({ reader, source }, posted, (asserted ?? batch).blockNumber, signal);
    },
  };
}
