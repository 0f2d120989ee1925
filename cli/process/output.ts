/** Results go to stdout, everything else to stderr. */

/** Where a command writes. */
export interface Output {
  /** The result: as one JSON line, or as text for people. */
  result(value: unknown, text: () => string): void;
  /** Progress; silent with --quiet. */
  say(text: string): void;
  /** What must be seen; never silent. */
  warn(text: string): void;
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
  return {
    json,
    quiet,
    result(value, text) {
      stdout(json ? `${toJson(value)}\n` : `${text()}\n`);
    },
    say(text) {
      if (!quiet) stderr(`${text}\n`);
    },
    warn(text) {
      stderr(`${color ? `${YELLOW}warning${RESET}` : 'warning'}: ${text}\n`);
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
