/** The one class of operating errors: callers branch on the code, people read the message. */

import type { DataOf, ErrorCode, ErrorData } from './data.ts';
import { ERRORS } from './table.ts';

/** The arguments behind the message: values may be left out where the code needs none. */
type Rest<Code extends ErrorCode> =
  Record<never, never> extends DataOf<Code>
    ? [data?: DataOf<Code>, options?: ErrorOptions]
    : [data: DataOf<Code>, options?: ErrorOptions];

/** Where each code has its section, by a path from the root of the documentation. */
const ERROR_PAGE = 'reference/errors';

/**
 * An error that a caller can act on.
 *
 * @example throw new RollupError('NONCE_GAP', 'nonce 7 was sent, the account expects 5', { expected: 5, actual: 7 });
 */
export class RollupError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  /** The values of the code; where the code is not known, any of them may be asked for by name. */
  readonly data: DataOf<Code> & ErrorData;

  constructor(code: Code, message: string, ...[data, options]: Rest<Code>) {
    super(message, options);
    this.name = 'RollupError';
    this.code = code;
    this.data = (data ?? {}) as DataOf<Code> & ErrorData;
  }

  /** What the code means and what to do, as a path from the root of the documentation. */
  get docs(): string {
    return `${ERROR_PAGE}#${this.code.toLowerCase()}`;
  }
}

/** On instances of every copy of the class: a program may load this package twice, by `import` and by `require`. */
const MARK = Symbol.for('quittance.RollupError');
Object.defineProperty(RollupError.prototype, MARK, { value: true });

/** Whether `error` is a RollupError, with the given code if one is given. Of another copy of this package is as good. */
export function isRollupError(error: unknown): error is RollupError;
export function isRollupError<Code extends ErrorCode>(error: unknown, code: Code): error is RollupError<Code>;
export function isRollupError(error: unknown, code?: ErrorCode): boolean {
  if (typeof error !== 'object' || error === null || !(MARK in error)) return false;
  return code === undefined || ('code' in error && error.code === code);
}

/** Whether what failed may succeed later without anybody changing anything. What is not ours may not. */
export function isPassing(error: unknown): boolean {
  return isRollupError(error) && ERRORS[error.code].passes;
}

/** `error` as it is when it is an operating error; anything else that ends `task` is a bug of ours. */
export function asRollupError(task: string, error: unknown): RollupError {
  return isRollupError(error) ? error : invariantBroken(`${task} failed: ${error}`, {}, error);
}

/** A bug of ours, with what it was found by. @param cause what was thrown, if something was. */
export function invariantBroken(
  message: string,
  data: ErrorData = {},
  cause?: unknown,
): RollupError<'INVARIANT_BROKEN'> {
  return new RollupError('INVARIANT_BROKEN', message, data, cause === undefined ? undefined : { cause });
}
