/** Results go to stdout, everything else to stderr: as lines for people, or through the logger of a process that keeps on. */

import { type Logger, printable } from '../../runtime/index.ts';
import { errorFields, errorJson, errorText } from './errors.ts';

/** Where a command writes. */
export interface Output {
  /** The result: as one JSON line, or as text for people. */
  result(value: unknown, text: () => string): void;
  /** Progress; silent with --quiet. */
  say(text: string): void;
  /** What must be seen; never silent. */
  warn(text: string): void;
  /** Why the command ends. */
  fail(error: unknown): void;
  /** From now on talk, warnings and the failure are lines of this logger, so that stderr has one form. */
  logTo(logger: Logger): void;
  /** Whether stderr may be colored. */
  readonly color: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether talk may be colored: a terminal, and NO_COLOR is not set. */
  readonly color: boolean;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

const YELLOW = '\u001b[33m';
const RESET = '\u001b[0m';

/** JSON with bigints as decimal strings and maps as objects. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

export function createOutput({ json, quiet, color, stdout, stderr }: OutputOptions): Output {
  let logger: Logger | undefined;
  return {
    json,
    quiet,
    color,
    result(value, text) {
      stdout(json ? `${toJson(value)}\n` : `${printable(text())}\n`);
    },
    say(text) {
      if (logger !== undefined) logger.info(text);
      else if (!quiet) stderr(`${printable(text)}\n`);
    },
    fail(error) {
      if (logger !== undefined) logger.error(errorJson(error).message, errorFields(error));
      else stderr(json ? `${toJson({ error: errorJson(error) })}\n` : `${printable(errorText(error))}\n`);
    },
    logTo(next) {
      logger = next;
    },
    warn(text) {
      if (logger !== undefined) logger.warn(text);
      else stderr(`${color ? `${YELLOW}warning${RESET}` : 'warning'}: ${printable(text)}\n`);
    },
  };
}

/** Columns for people: each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
