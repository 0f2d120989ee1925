/**
 * The records of an asserted batch with their authorizations, in whichever form they came.
 * Source: docs/protocol.md, Assertion.
 */

import { concatBytes } from '@noble/hashes/utils.js';
import { type AssertedBatch, chunkCountOf, recordsOf, visibleRecordsOf, withWords } from '../batch/index.ts';
import { type AuthorizedRecord, decodeEvaluationBlobs } from '../blob/index.ts';
import { RollupError } from '../errors/index.ts';
import { AUTHORIZATION_BYTES, VISIBLE_ENTRY_BYTES } from '../params.ts';
import type { RecordBits, RecordData } from '../records/codec.ts';
import { isSignedKind, isVisibleKind } from '../records/kinds.ts';
import type { StateView } from '../state/apply.ts';
import type { Operation } from '../types.ts';
import { decodeAuthorization, encodeAuthorization } from './authorization.ts';

/** A record as an asserted chunk carries it. */
export interface AssertedRecord extends RecordData, AuthorizedRecord {}

const NO_AUTHORIZATION = new Uint8Array();

/**
 * Operations with their signatures in 69 bytes, as blobs of evaluations carry them.
 *
 * @throws RollupError BAD_SIGNATURE when a signed record has none, NOT_REPRESENTABLE when its signature has no encoding.
 */
export function authorizedRecords(operations: readonly Operation[]): AuthorizedRecord[] {
  return operations.map(({ fields, authorization }, slot) => {
    if (!isSignedKind(fields.kind)) return { fields, authorization: NO_AUTHORIZATION };
    if (authorization === undefined) {
      throw new RollupError('BAD_SIGNATURE', `slot ${slot} of kind ${fields.kind} is not signed`, { slot });
    }
    return { fields, authorization: encodeAuthorization(authorization) };
  });
}

/** The authorizations of one chunk in calldata: what `assertBatch` takes for it. @throws RollupError as `authorizedRecords`. */
export function chunkAuthorizations(operations: readonly Operation[]): Uint8Array {
  return concatBytes(...authorizedRecords(operations).map(({ authorization }) => authorization));
}

/**
 * Pairs the records of a chunk in calldata with its authorizations: the j-th signed record has bytes 69·j to 69·j + 69, and none
 * if they do not all exist. What stands behind the last one says nothing.
 * Twin: contracts/libraries/StepRecords.sol StepRecords.
 */
export function assertedRecords(records: readonly RecordData[], authorizations: Uint8Array): AssertedRecord[] {
  let offset = 0;
  return records.map(({ fields, words }) => {
    if (!isSignedKind(fields.kind)) return { fields, words, authorization: NO_AUTHORIZATION };
    const bytes = authorizations.slice(offset, offset + AUTHORIZATION_BYTES);
    offset += AUTHORIZATION_BYTES;
    return { fields, words, authorization: bytes.length === AUTHORIZATION_BYTES ? bytes : NO_AUTHORIZATION };
  });
}

/**
 * The records of an asserted batch by chunk and slot.
 *
 * @param blobs the bytes of the batch's blobs, whose hashes were checked; none for form calldata.
 * @throws RollupError as `recordsOf`.
 */
export function assertedRecordsOf(
  batch: Pick<AssertedBatch, 'form' | 'chunks' | 'visible' | 'authorizations'>,
  slotsPerChunk: number,
  blobs: readonly Uint8Array[] = [],
): AssertedRecord[][] {
  if (batch.form !== 'evaluations') {
    return recordsOf(batch, slotsPerChunk, blobs).map((records, chunk) =>
      assertedRecords(records, batch.authorizations[chunk]!),
    );
  }
  const visible = visibleRecordsOf(batch);
  return decodeEvaluationBlobs(blobs, chunkCountOf(batch), slotsPerChunk).map((records, chunk) => {
    const words = withWords(
      records.map(({ fields }) => fields),
      visible[chunk]!,
    );
    return records.map((record, slot) => ({ ...record, words: words[slot]!.words }));
  });
}

/**
 * The 112 bytes that a step proof brings for a record: the entry at `visibleCount` of its chunk's list; none when there is no
 * such entry, or the record is not visible.
 */
export function stepEntry(visible: Uint8Array, visibleCount: number, { fields }: RecordBits): Uint8Array {
  if (!isVisibleKind(fields.kind)) return new Uint8Array();
  return visible.slice(visibleCount * VISIBLE_ENTRY_BYTES, (visibleCount + 1) * VISIBLE_ENTRY_BYTES);
}

/**
 * The operation that an asserted record means in a state: the y of the signer's key is the sender's leaf's, so it is known
 * only when the record's turn has come.
 */
export function assertedOperation(view: StateView, { fields, words, authorization }: AssertedRecord): Operation {
  if (authorization.length === 0) return { fields, words };
  // Without a sender the record is SENDER_EMPTY before its signature is looked at.
  return { fields, words, authorization: decodeAuthorization(authorization, view.get(fields.from)?.keyY ?? 0n) };
}
