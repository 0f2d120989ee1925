/** Asserted batches as if they had been proven. */

import type { BatchSubmission, WithBlobs } from '@quittance/chain';
import { encodeCoefficientBlob, keccak } from '@quittance/protocol';
import { type BuiltAssertion, readAs } from '../optimistic/asserted-batch.ts';

/** What `submitBatch` takes besides data; a replay asks L1 about proofs, not these. */
const UNCHECKED = { evaluations: [], opening: new Uint8Array(), proofs: [] };

/** The batch with its records in calldata. */
export function provenInCalldata(built: BuiltAssertion): WithBlobs<BatchSubmission> {
  const { authorizations: _, ...batch } = readAs(built);
  return { ...batch, ...UNCHECKED };
}

/** The batch with its records as the coefficients of a blob. */
export function provenInBlob(built: BuiltAssertion): WithBlobs<BatchSubmission> {
  const blob = encodeCoefficientBlob(built.claims.map(({ published }) => published));
  const blobHashes = [`0x01${keccak(blob).slice(4)}`];
  return { ...provenInCalldata(built), form: 'coefficients', chunks: [], blobHashes, blobs: [blob] };
}
