/** How a command fails: which exit code an error has, and what a person reads. */

import { ERRORS, ExitCode, isRollupError } from '@quittance/protocol';
import type { CommanderError } from 'commander';
import { redact } from '../../runtime/index.ts';

/** The command was called wrongly: a flag, a variable, a file that it names. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What commander refuses, as an error of ours: a sentence without its mark, and what it suggests on the same line. */
export function misuseOf({ code, message }: Pick<CommanderError, 'code' | 'message'>): UsageError {
  if (code === 'commander.help') return new UsageError('name a command; --help lists them');
  return new UsageError(
    message
      .replace(/^error: /, '')
      .replace(/\s*\n\(Did you mean (.*)\?\)/, '; did you mean "$1"?')
      .trim(),
  );
}

/** The exit code of whatever was thrown. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof Error && error.name === 'AbortError') return ExitCode.interrupted;
  if (!isRollupError(error)) return ExitCode.failed;
  const { exit } = ERRORS[error.code];
  // Whatever the sequencer answered with an error was its refusal, under whichever name.
  return exit === ExitCode.failed && error.data['rpcCode'] !== undefined ? ExitCode.rejected : exit;
}

/** An error as JSON, without secrets. */
export function errorJson(error: unknown): { code: string; message: string; data: unknown } {
  const message = String(redact(error instanceof Error ? error.message : String(error)));
  if (isRollupError(error)) return { code: error.code, message, data: redact(error.data) };
  if (exitCodeOf(error) === ExitCode.interrupted) return { code: 'INTERRUPTED', message: 'interrupted', data: {} };
  return { code: error instanceof UsageError ? 'USAGE' : 'FAILED', message, data: {} };
}

/** Whether the error tells all there is to it; of any other the stack is needed too. */
function isExpected(error: unknown): boolean {
  return isRollupError(error) || error instanceof UsageError || exitCodeOf(error) === ExitCode.interrupted;
}

/** The fields of a log line about it. */
export function errorFields(error: unknown): Record<string, unknown> {
  const { message: _, ...fields } = errorJson(error);
  return isExpected(error) ? fields : { ...fields, error };
}

/** What is shown to a person: the code, what happened and why, and the stack of a bug. */
export function errorText(error: unknown): string {
  if (exitCodeOf(error) === ExitCode.interrupted) return 'interrupted';
  const { code, message } = errorJson(error);
  const hint = isRollupError(error) && typeof error.data['hint'] === 'string' ? ` (${error.data['hint']})` : '';
  const trace = isExpected(error) || !(error instanceof Error) ? '' : `\n${String(redact(error.stack ?? ''))}`;
  return `${code}: ${message}${hint}${trace}`;
}
