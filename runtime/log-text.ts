/** A log line for people: time, level, sentence, then its values. */

import { printable } from './printable.ts';

const COLORS: Readonly<Record<string, string>> = { debug: '\u001b[2m', warn: '\u001b[33m', error: '\u001b[31m' };
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';

/** Text without spaces and quotes stands for itself; everything else as JSON, so that a line stays one line. */
function valueText(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

/**
 * The text of a line that was written as JSON.
 *
 * @param json an object with `time` (ISO 8601), `level`, `msg` and any fields.
 * @param color whether the level is colored and the fields are dimmed: on a terminal only.
 */
export function textLine(json: string, color: boolean): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const clock = String(time).slice('2026-01-01T'.length, -1);
  const name = String(level).toUpperCase().padEnd(5);
  const values = Object.entries(fields).map(([key, value]) => printable(`${key}=${valueText(value)}`));
  const sentence = printable(String(msg)).replaceAll('\n', '\n  ');
  if (!color) return `${[clock, name, sentence, ...values].join(' ').trimEnd()}\n`;
  const tail = values.length === 0 ? '' : ` ${DIM}${values.join(' ')}${RESET}`;
  return `${DIM}${clock}${RESET} ${COLORS[String(level)] ?? ''}${name}${RESET} ${sentence}${tail}\n`;
}
