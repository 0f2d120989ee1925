import { readFileSync } from 'node:fs';
import { ERRORS, type ErrorCode } from '../../../packages/protocol/index.ts';
import { code, prose, sections, table } from './markdown.ts';

const SOURCES = ['data.ts', 'record-codes.ts'].map((name) =>
  readFileSync(new URL(`../../../packages/protocol/errors/${name}`, import.meta.url), 'utf8'),
);

/** What the docstring above a code says; empty where there is none. */
function meaningOf(name: string): string {
  for (const source of SOURCES) {
    const found = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:'${name}'|${name}\\b)`).exec(source)?.[1];
    if (found !== undefined) return found.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
  }
  return '';
}

function errorSection(name: ErrorCode): string {
  const { rpc, exit, passes, hint } = ERRORS[name];
  const meaning = meaningOf(name);
  return sections(
    `## ${name}`,
    prose(meaning),
    table(
      ['JSON-RPC', 'exit code', 'passes by itself', 'what to do'],
      [[code(String(rpc)), code(String(exit)), passes ? 'yes' : 'no', prose(hint ?? 'what its message says')]],
    ),
  );
}

/** The page on errors. */
export function errorsPage(): string {
  const names = (Object.keys(ERRORS) as ErrorCode[]).toSorted();
  return sections(
    '# Errors',
    'Every error has one of these codes: as `error.data.reason` over JSON-RPC, as `code` on a `RollupError` of the SDK and in what the command line prints with `--json`. One code has one cause; the message names the values. *Passes by itself*: the same call may succeed later without anybody changing anything.',
    ...names.map(errorSection),
  );
}
