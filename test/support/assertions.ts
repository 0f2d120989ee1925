/** Assertions that several areas share. */

import assert from 'node:assert/strict';
import {
  type ErrorCode,
  isRollupError,
  type Outcome,
  type RecordErrorCode,
  type RollupError,
} from '@quittance/protocol';

/** Asserts that `action` throws a RollupError with exactly this code, and returns it. */
export function assertCode(action: () => unknown, code: ErrorCode, message?: string): RollupError {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  const context = message === undefined ? '' : `${message}: `;
  assert.ok(thrown !== undefined, `${context}expected ${code}, nothing was thrown`);
  assert.ok(isRollupError(thrown), `${context}expected ${code}, got ${thrown}`);
  assert.equal(thrown.code, code, `${context}${thrown.message}`);
  return thrown;
}

/** The code of an outcome, or 'valid'. */
export function codeOf(outcome: Outcome): RecordErrorCode | 'valid' {
  return outcome.valid ? 'valid' : outcome.invalid.code;
}
