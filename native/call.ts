/** Turns the addon's errors into RollupErrors. */

import { type ErrorCode, type ErrorData, invariantBroken, isRollupError, RollupError } from '@quittance/protocol';

/** The codes of native/core/src/error.rs. */
const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'OUT_OF_RANGE',
  'BAD_SIGNATURE',
  'ARTIFACT_DAMAGED',
  'ARTIFACT_MISSING',
  'WITNESS_REJECTED',
  'PROOF_INVALID',
  'KEY_OF_ANOTHER_CIRCUIT',
  'VERIFYING_KEY_UNREADABLE',
  'TAPE_IMPOSSIBLE',
  'INSECURE_KEY',
  'CANCELLED',
  'SNAPSHOT_DAMAGED',
  'RESOURCES_SHORT',
  'INVARIANT_BROKEN',
]);

/** The RollupError that the addon meant. What the addon did not foresee, a bug of ours caused: INVARIANT_BROKEN. */
export function translate(error: unknown): RollupError {
  if (isRollupError(error)) return error;
  if (!(error instanceof Error)) return invariantBroken(`the native addon failed: ${String(error)}`);
  const [code, message, data] = error.message.split('\n');
  if (code === undefined || message === undefined || data === undefined || !CODES.has(code)) {
    return invariantBroken(`the native addon failed: ${error.message}`, {}, error);
  }
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
