/** The blobs of a batch, from its operations. */

import {
  authorizedRecords,
  type BatchForm,
  encodeCoefficientBlob,
  encodeEvaluationBlobs,
  type Operation,
} from '@quittance/protocol';

/** The blobs that carry these operations, chunk by chunk, in this form; none in calldata. */
export function blobsOf(form: BatchForm, chunks: readonly (readonly Operation[])[]): Uint8Array[] {
  switch (form) {
    case 'calldata':
      return [];
    case 'coefficients':
      return [encodeCoefficientBlob(chunks)];
    case 'evaluations':
      return encodeEvaluationBlobs(authorizedRecords(chunks.flat()));
  }
}
