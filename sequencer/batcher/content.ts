/** What the transaction of a sealed batch says of it, from the database. */

import type { BatchContent, StoredHeader } from '@quittance/protocol';
import type { BatchRow, ChunkRow } from '../../storage/index.ts';

/** The content of a batch. @param parent header of the batch before. @param chunks its rows, in order. */
export function contentOf(parent: StoredHeader, batch: BatchRow, chunks: readonly ChunkRow[]): BatchContent {
  const { number, header, form, blobHashes } = batch;
  return {
    number,
    time: header.time,
    roots: [parent.stateRoot, ...chunks.map(({ newRoot }) => newRoot)],
    commitments: chunks.map(({ commitment }) => commitment),
    feeTokens: chunks.map(({ feeTokens }) => feeTokens),
    form,
    chunks: form === 'calldata' ? chunks.map(({ data }) => data) : [],
    blobHashes,
    visible: chunks.map(({ visible }) => visible),
  };
}
