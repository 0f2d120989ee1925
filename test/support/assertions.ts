/** Assertions that several areas share. */

import assert from 'node:assert/strict';
import {
  type ErrorCode,
  isRollupError,
  type Outcome,
  type RecordErrorCode,
  type RollupError,
} from '@quittance/protocol';

function requireCode<Code extends ErrorCode>(
  thrown: unknown,
  code: Code,
  message: string | undefined,
): RollupError<Code> {
  const context = message === undefined ? '' : `${message}: `;
  assert.ok(thrown !== undefined, `${context}expected ${code}, nothing was thrown`);
  assert.ok(isRollupError(thrown), `${context}expected ${code}, got ${thrown}`);
  assert.equal(thrown.code, code, `${context}${thrown.message}`);
  return thrown as RollupError<Code>;
}

/** Asserts that `action` throws a RollupError with exactly this code, and returns it. */
export function assertCode<Code extends ErrorCode>(
  action: () => unknown,
  code: Code,
  message?: string,
): RollupError<Code> {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  return requireCode(thrown, code, message);
}

/** Asserts that `promise` rejects with a RollupError of exactly this code, and returns it. */
export async function assertRejects<Code extends ErrorCode>(
  promise: Promise<unknown>,
  code: Code,
  message?: string,
): Promise<RollupError<Code>> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return requireCode(thrown, code, message);
}

/** The code of an outcome, or 'valid'. */
export function codeOf(outcome: Outcome): RecordErrorCode | 'valid' {
  return outcome.valid ? 'valid' : outcome.invalid.code;
}
