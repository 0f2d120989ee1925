/**
 * Outcomes of a record that breaks a rule, in the order in which the rules are checked (docs/protocol.md, Rules).
 * Twin: contracts/step/StepTypes.sol StepResult.
 * Twin: native/core/src/engine/rule.rs Rule.
 */
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

const CODES: ReadonlySet<string> = new Set(RECORD_ERROR_CODES);

/** Whether `code` is the outcome of a record that breaks a rule. */
export function isRecordErrorCode(code: string): code is RecordErrorCode {
  return CODES.has(code);
}
