/** The registry of operating errors: callers branch on the code, people read the message. */

/** Outcomes of a record that breaks a rule, in the order in which the rules are checked (docs/protocol.md, Rules). */
export const RECORD_ERROR_CODES = [
  'RESERVED_KIND',
  'NONZERO_FIELD',
  'WORD_COUNT',
  'INDEX_RANGE',
  'WORD_RANGE',
  'SENDER_EMPTY',
  'SELF_TRANSFER',
  'RECEIVER_EMPTY',
  'RECEIVER_EXISTS',
  'TOKEN_MISMATCH',
  'NOT_FEE_TOKEN',
  'EXPIRED',
  'NONCE_EXHAUSTED',
  'BAD_SIGNATURE',
  'INSUFFICIENT_BALANCE',
  'WITHDRAWAL_MISMATCH',
  'DEPOSIT_MISMATCH',
  'EXIT_MISMATCH',
  'BALANCE_OVERFLOW',
] as const;

export type RecordErrorCode = (typeof RECORD_ERROR_CODES)[number];

/** Everything else that can be refused or fail, by the layer that raises it first. */
export type OperatingErrorCode =
  // encoding and arguments
  | 'OUT_OF_RANGE'
  | 'NOT_REPRESENTABLE'
  | 'MALFORMED'
  // keys
  | 'INVALID_KEY'
  // admission
  | 'NONCE_GAP'
  | 'NONCE_USED'
  | 'FEE_TOO_LOW'
  | 'WRONG_DOMAIN'
  | 'UNKNOWN_TOKEN'
  | 'MEMPOOL_FULL'
  | 'DUPLICATE'
  | 'NOT_FOUND'
  // chunks and batches
  | 'FEES_NOT_COLLECTED'
  | 'CHUNK_SIZE'
  | 'FEE_TOKEN_ORDER'
  // artifacts and proofs
  | 'ARTIFACT_DAMAGED'
  | 'ARTIFACT_MISSING'
  | 'NATIVE_UNAVAILABLE'
  | 'WITNESS_REJECTED'
  | 'PROOF_INVALID'
  | 'INSECURE_KEY'
  | 'RESOURCES_SHORT'
  | 'CANCELLED'
  | 'QUEUE_FULL'
  // storage
  | 'DATABASE_DAMAGED'
  // L1
  | 'L1_UNREACHABLE'
  | 'L1_REJECTED'
  | 'L1_WRONG_CHAIN'
  | 'L1_REORG'
  | 'FOREIGN_BATCH'
  | 'BATCH_REJECTED'
  | 'STATE_MISMATCH'
  // services
  | 'RPC_UNREACHABLE'
  | 'CONFIG_INVALID'
  | 'TIMEOUT';

export type ErrorCode = RecordErrorCode | OperatingErrorCode;

/** Values that explain an error; JSON-safe once bigints are written as decimal strings. */
export type ErrorData = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/**
 * An error that a caller can act on.
 *
 * @example throw new RollupError('NONCE_GAP', 'nonce 7 was sent, the account expects 5', { expected: 5, actual: 7 });
 */
export class RollupError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RollupError';
    this.code = code;
    this.data = data;
  }
}

/** Whether `error` is a RollupError, with the given code if one is given. */
export function isRollupError(error: unknown, code?: ErrorCode): error is RollupError {
  return error instanceof RollupError && (code === undefined || error.code === code);
}
