/** How a command fails: which exit code an error has, and what a person reads. */

import { isRollupError, RECORD_ERROR_CODES, RollupError } from '@quittance/protocol';
import { redact } from '../../runtime/index.ts';

/** Exit codes of the command line. Scripts branch on them. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  timeout: 4,
  rejected: 5,
  mismatch: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The command was called wrongly: a flag, a variable, a file that it names. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Somebody refused what was asked: the sequencer's admission or the contract. */
const REJECTIONS: ReadonlySet<string> = new Set([
  ...RECORD_ERROR_CODES,
  'L1_REJECTED',
  'NONCE_GAP',
  'NONCE_USED',
  'FEE_TOO_LOW',
  'WRONG_DOMAIN',
  'UNKNOWN_TOKEN',
  'MEMPOOL_FULL',
  'QUEUE_FULL',
  'DUPLICATE',
]);

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  CONFIG_INVALID: ExitCode.usage,
  L1_WRONG_CHAIN: ExitCode.usage,
  L1_UNREACHABLE: ExitCode.unreachable,
  RPC_UNREACHABLE: ExitCode.unreachable,
  TIMEOUT: ExitCode.timeout,
  STATE_MISMATCH: ExitCode.mismatch,
  BATCH_REJECTED: ExitCode.mismatch,
  INSECURE_KEY: ExitCode.mismatch,
  PROOF_INVALID: ExitCode.mismatch,
  CANCELLED: ExitCode.interrupted,
};

/** The exit code of whatever was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof Error && error.name === 'AbortError') return ExitCode.interrupted;
  if (!isRollupError(error)) return ExitCode.failed;
  const known = BY_CODE[error.code];
  if (known !== undefined) return known;
  // Whatever the sequencer answered with an error was its refusal, under whichever name.
  return REJECTIONS.has(error.code) || error.data['rpcCode'] !== undefined ? ExitCode.rejected : ExitCode.failed;
}

/** An error as JSON, without secrets. */
export function errorJson(error: unknown): { code: string; message: string; data: unknown } {
  const message = String(redact(error instanceof Error ? error.message : String(error)));
  if (isRollupError(error)) return { code: error.code, message, data: redact(error.data) };
  return { code: error instanceof UsageError ? 'USAGE' : 'FAILED', message, data: {} };
}

/** What is shown to a person: the code, what happened and why, and the trace of what should not happen. */
export function errorText(error: unknown): string {
  if (exitCodeOf(error) === ExitCode.interrupted) return 'interrupted';
  const { code, message } = errorJson(error);
  const isExpected = isRollupError(error) || error instanceof UsageError;
  const hint = isRollupError(error) && typeof error.data['hint'] === 'string' ? ` (${error.data['hint']})` : '';
  const trace = isExpected || !(error instanceof Error) ? '' : `\n${String(redact(error.stack ?? ''))}`;
  return `${code}: ${message}${hint}${trace}`;
}

/** `error` of a replay as a mismatch: L1 accepted what breaks a rule. */
export function asMismatch(error: unknown): unknown {
  if (!isRollupError(error) || BY_CODE[error.code] !== undefined) return error;
  if (![...RECORD_ERROR_CODES, 'FEES_NOT_COLLECTED', 'MALFORMED'].some((code) => code === error.code)) return error;
  return new RollupError('STATE_MISMATCH', `L1 holds a batch that breaks a rule: ${error.message}`, error.data, {
    cause: error,
  });
}
