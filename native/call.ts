/** Turns the addon's errors into RollupErrors. */

import { type ErrorCode, type ErrorData, RollupError } from '@quittance/protocol';

/** The codes of native/core/src/error.rs. */
const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'OUT_OF_RANGE',
  'MALFORMED',
  'ARTIFACT_DAMAGED',
  'ARTIFACT_MISSING',
  'WITNESS_REJECTED',
  'PROOF_INVALID',
  'INSECURE_KEY',
  'CANCELLED',
]);

/** The RollupError that the addon meant, or the error itself when it is none of the addon's. */
export function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [code, message, data] = error.message.split('\n');
  if (code === undefined || message === undefined || data === undefined || !CODES.has(code)) return error;
  return new RollupError(code as ErrorCode, message, JSON.parse(data) as ErrorData, { cause: error });
}

/** Calls the addon. @throws RollupError as the addon says. */
export function call<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw translate(error);
  }
}

/** Awaits the addon. @throws RollupError as the addon says. */
export async function callAsync<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw translate(error);
  }
}
