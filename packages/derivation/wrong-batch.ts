/** Which errors of a replay are about the batch. */

import { type ErrorCode, isRecordErrorCode, isRollupError, type RollupError } from '@quittance/protocol';

/** What a replay throws besides the codes of records when a batch is not what the rules give. */
const WRONG_BATCH_CODES: ReadonlySet<ErrorCode> = new Set([
  'PARENT_MISMATCH',
  'CLAIM_FALSE',
  'FEES_NOT_COLLECTED',
  'FEE_TOKEN_ORDER',
  'CHUNK_SIZE',
  'WRONG_LENGTH',
  'OUT_OF_RANGE',
  'BLOB_COEFFICIENT_RANGE',
  'BLOB_TAIL',
]);

/** Whether what a replay threw is about the batch. Everything else is about us: a bug, a missing file, a full disk. */
export function isWrongBatch(error: unknown): error is RollupError {
  return isRollupError(error) && (isRecordErrorCode(error.code) || WRONG_BATCH_CODES.has(error.code));
}
