/** Records in the blobs of an asserted batch, those included of which no honest producer would write the bytes. */

import {
  AUTHORIZATION_BYTES,
  type AuthorizedRecord,
  decodeBlob,
  elementPlace,
  encodeBlob,
  encodeEvaluationBlobs,
  isSignedKind,
} from '@quittance/protocol';

/** An element that stands for no bytes: reading finds no authorization there. */
const NOT_BYTES = 2n ** 248n;

/** The blobs of records; a signed one without its 69 bytes has an element that is too large in their place. */
export function evaluationBlobs(records: readonly AuthorizedRecord[]): Uint8Array[] {
  const isUnsigned = ({ fields, authorization }: AuthorizedRecord) =>
    isSignedKind(fields.kind) && authorization.length === 0;
  const whole = records.map((record) =>
    isUnsigned(record) ? { ...record, authorization: new Uint8Array(AUTHORIZATION_BYTES) } : record,
  );
  const blobs = encodeEvaluationBlobs(whole).map(decodeBlob);
  for (const [slot, record] of records.entries()) {
    if (!isUnsigned(record)) continue;
    const { blob, element } = elementPlace(slot);
    blobs[blob]![element + 1] = NOT_BYTES;
  }
  return blobs.map(encodeBlob);
}
