/** Reads tables out of a markdown document, so that tests can compare a document with the code. */

import { readFileSync } from 'node:fs';

/** Content of a file of the repository, by its path from the root. */
export function readDocument(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
}

/** The text below a heading, up to the next heading of the same or a higher level. @throws when there is none. */
export function sectionOf(document: string, heading: string): string {
  const lines = document.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`the document has no heading "${heading}"`);
  const level = lines[start]!.indexOf(' ');
  const end = lines.findIndex((line, index) => index > start && /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, end < 0 ? undefined : end).join('\n');
}

/** The tables of a text: each a list of rows, each row its cells without code marks; the header row is left out. */
export function tablesOf(text: string): string[][][] {
  const tables: string[][][] = [];
  let current: string[][] | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) {
      current = undefined;
      continue;
    }
    if (current === undefined) {
      current = [];
      tables.push(current);
    }
    const cells = line.split('|').slice(1, -1);
    current.push(cells.map((cell) => cell.trim().replaceAll('`', '')));
  }
  return tables.map((rows) => rows.slice(2));
}
