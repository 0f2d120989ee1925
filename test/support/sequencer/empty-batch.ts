/** A batch in which nothing happens, as another producer would post it. */

import type { AssertionSubmission } from '@quittance/chain';
import { encodeChunkData, FEE_TOKEN_FILLER, NOOP, packFeeTokens, type StoredHeader } from '@quittance/protocol';

/** One chunk of 16 noops on `parent`. */
export function emptyBatch(parent: StoredHeader): AssertionSubmission {
  return {
    parent,
    number: parent.number + 1,
    time: parent.time,
    roots: [parent.stateRoot, parent.stateRoot],
    commitments: [7n],
    feeTokens: [packFeeTokens(Array.from({ length: 4 }, () => FEE_TOKEN_FILLER))],
    form: 'calldata',
    blobHashes: [],
    visible: [new Uint8Array()],
    chunks: [encodeChunkData(Array.from({ length: 16 }, () => NOOP))],
    authorizations: [new Uint8Array()],
  };
}
