/**
 * The records of an asserted chunk with their authorizations: 69 bytes for each record of kinds 1 to 3, in order.
 * Source: docs/protocol.md, Assertion.
 */

import { concatBytes } from '@noble/hashes/utils.js';
import { RollupError } from '../errors/index.ts';
import type { RecordData } from '../records/codec.ts';
import { isSignedKind } from '../records/kinds.ts';
import type { StateView } from '../state/apply.ts';
import type { Operation } from '../types.ts';
import { AUTHORIZATION_BYTES, decodeAuthorization, encodeAuthorization } from './authorization.ts';

/** A record as an asserted chunk carries it. */
export interface AssertedRecord extends RecordData {
  /** 69 bytes, or none: another kind, or nobody signed. */
  readonly authorization: Uint8Array;
}

/**
 * The authorizations of one chunk: what `assertBatch` takes for it.
 *
 * @throws RollupError BAD_SIGNATURE when a signed record has none, NOT_REPRESENTABLE when its signature has no encoding.
 */
export function chunkAuthorizations(operations: readonly Operation[]): Uint8Array {
  const parts = operations.flatMap(({ fields, authorization }, slot) => {
    if (!isSignedKind(fields.kind)) return [];
    if (authorization === undefined) {
      throw new RollupError('BAD_SIGNATURE', `slot ${slot} of kind ${fields.kind} is not signed`, { slot });
    }
    return [encodeAuthorization(authorization)];
  });
  return concatBytes(...parts);
}

const NO_AUTHORIZATION = new Uint8Array();

/**
 * Pairs the records of a chunk with its authorizations: the j-th signed record has bytes 69·j to 69·j + 69, and none if
 * they do not all exist. What stands behind the last one says nothing.
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
 * The operation that an asserted record means in a state: the y of the signer's key is the sender's leaf's, so it is known
 * only when the record's turn has come.
 */
export function assertedOperation(view: StateView, { fields, words, authorization }: AssertedRecord): Operation {
  if (authorization.length === 0) return { fields, words };
  // Without a sender the record is SENDER_EMPTY before its signature is looked at.
  return { fields, words, authorization: decodeAuthorization(authorization, view.get(fields.from)?.keyY ?? 0n) };
}
