/**
 * Twins: the same rule or format in another language, or in another implementation of it. A comment says
 * `Twin: path symbol`, once for each, in the comment of what it is a twin of; the other side names this one back.
 */

import { readSource, sourceFiles } from './architecture.ts';

/** One of two twins: a symbol that a file declares, by its path from the root. */
export interface Place {
  readonly path: string;
  readonly symbol: string;
}

/** What a comment says: `from` has the twin `to`. */
export interface Twin {
  readonly from: Place;
  readonly to: Place;
}

/** How each language declares a name at the beginning of a line. */
const DECLARATIONS: Readonly<Record<string, readonly RegExp[]>> = {
  ts: [/^\s*(?:export\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+(\w+)/],
  sol: [
    /^\s*(?:abstract\s+)?(?:contract|library|interface|struct|enum|function|modifier|error|event)\s+(\w+)/,
    /^\s*[\w[\]]+\s+(?:(?:internal|private|public)\s+)?constant\s+(\w+)/,
  ],
  circom: [/^\s*(?:template|function)\s+(\w+)/],
  rs: [
    /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:const|unsafe|async)\s+)*(?:fn|struct|enum|trait|type|mod)\s+(\w+)/,
    /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:const|static)\s+(\w+)\s*:/,
  ],
};

const COMMENT = /^\s*(?:\/\/[/!]?|\/\*\*?|\*\/?)(?:\s|$)/;
/** Stands between a comment and what it is about. */
const ATTRIBUTE = /^\s*(?:#!?\[.*\]|@\w+.*)$/;
const TWIN = /\bTwin: ([\w./-]+\.(?:ts|sol|circom|rs)) (\w+)/g;

const endingOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** The name that a line of this file declares, if it declares one. */
function declaredIn(path: string, line: string): string | undefined {
  for (const pattern of DECLARATIONS[endingOf(path)] ?? []) {
    const name = pattern.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** All names that a source declares. */
function declaredNames(path: string, source: string): Set<string> {
  const names = source.split('\n').map((line) => declaredIn(path, line));
  return new Set(names.filter((name) => name !== undefined));
}

/** Takes the marks of a comment off a line. */
const textOf = (line: string): string =>
  line
    .replace(COMMENT, '')
    .replace(/\*\/\s*$/, '')
    .trim();

/** What the comments of one source say of twins. @returns its twins, and what is said in another form than the one above. */
export function twinsIn(path: string, source: string): { twins: Twin[]; faults: string[] } {
  const lines = source.split('\n');
  const twins: Twin[] = [];
  const faults: string[] = [];
  for (let start = 0; start < lines.length; start += 1) {
    if (!COMMENT.test(lines[start]!)) {
      if (/\bTwins?: /.test(lines[start]!)) faults.push(`${path}:${start + 1} names a twin beside code`);
      continue;
    }
    let end = start;
    while (end < lines.length && COMMENT.test(lines[end]!)) end += 1;
    const text = lines.slice(start, end).map(textOf).join(' ');
    const found = [...text.matchAll(TWIN)];
    const where = `${path}:${start + 1}`;
    if (found.length !== [...text.matchAll(/\bTwins?:/g)].length) faults.push(`${where} is not "Twin: path symbol"`);
    while (ATTRIBUTE.test(lines[end] ?? '')) end += 1;
    const symbol = declaredIn(path, lines[end] ?? '');
    for (const [, otherPath, otherSymbol] of found) {
      if (symbol === undefined) faults.push(`${where} is the comment of nothing that has a twin`);
      else twins.push({ from: { path, symbol }, to: { path: otherPath!, symbol: otherSymbol! } });
    }
    start = end - 1;
  }
  return { twins, faults };
}

const nameOf = ({ path, symbol }: Place): string => `${path} ${symbol}`;

/** What is wrong with the twins of these sources, by path. */
export function twinFaults(sources: ReadonlyMap<string, string>): string[] {
  const read = [...sources].map(([path, source]) => twinsIn(path, source));
  const twins = read.flatMap((file) => file.twins);
  const said = new Set(twins.map(({ from, to }) => `${nameOf(from)} → ${nameOf(to)}`));
  const broken = twins.flatMap(({ from, to }) => {
    const other = sources.get(to.path);
    if (other === undefined) return [`${nameOf(from)} has a twin in ${to.path}, which does not exist`];
    if (!declaredNames(to.path, other).has(to.symbol)) return [`${nameOf(from)}: ${to.path} declares no ${to.symbol}`];
    return said.has(`${nameOf(to)} → ${nameOf(from)}`) ? [] : [`${nameOf(to)} does not name ${nameOf(from)} back`];
  });
  return [...read.flatMap((file) => file.faults), ...broken];
}

/** All sources of ours that can have twins, by path. */
export function twinSources(): Map<string, string> {
  const paths = sourceFiles(['.ts', '.sol', '.circom', '.rs']).filter((path) => !path.startsWith('test/'));
  return new Map(paths.map((path) => [path, readSource(path)]));
}
