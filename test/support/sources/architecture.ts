/** Which folder may import which, and how an import graph is judged by it. Source: the layout of the project. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { circomIncludes, solidityImports, typescriptImports } from './scanner.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Folders that a clean checkout does not have, by their path from the root, besides each `node_modules`. */
const GENERATED = new Set(['build', 'native/target', 'types', 'artifacts', 'cache']);

/** Rooms below packages/, which are imported by the name `@quittance/<room>`; the others are folders of the root. */
const PACKAGE_ROOMS: readonly string[] = ['protocol', 'rpc', 'chain', 'derivation', 'sdk'];

/** What each room may import besides itself. ARCHITECTURE.md has the same table. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  rpc: ['protocol'],
  chain: ['protocol', 'runtime'],
  derivation: ['protocol', 'chain'],
  sdk: ['protocol', 'rpc', 'chain', 'derivation'],
  native: ['protocol'],
  runtime: ['protocol'],
  storage: ['protocol', 'runtime'],
  prover: ['protocol', 'native', 'runtime'],
  sequencer: ['protocol', 'rpc', 'chain', 'derivation', 'native', 'prover', 'storage', 'runtime'],
  watcher: ['protocol', 'chain', 'derivation', 'native', 'prover', 'storage', 'runtime'],
  channels: ['protocol', 'rpc', 'chain', 'sdk', 'native', 'storage', 'runtime'],
  cli: [
    ...['protocol', 'rpc', 'chain', 'derivation', 'sdk'],
    ...['native', 'runtime', 'storage', 'prover', 'sequencer', 'watcher', 'channels'],
  ],
  explorer: ['protocol', 'rpc', 'sdk'],
  examples: ['sdk'],
};

/** Folders that may import anything, and past an index too, but that nothing imports. */
export const OUTSIDE: readonly string[] = ['scripts', 'test'];

/** Packages of node_modules that a pure folder may use. Folders that are not named may use any. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  protocol: ['@noble/curves', '@noble/hashes', 'poseidon-lite'],
};

/** Folders that run in a browser: nothing of Node. */
const BROWSER: readonly string[] = ['protocol', 'rpc', 'chain', 'derivation', 'sdk', 'explorer'];

/** What stands behind the name of a package besides its index: another door, which may need Node. */
const ENTRIES: Readonly<Record<string, string>> = {
  'sdk/channels': 'packages/sdk/channels/index.ts',
  'sdk/testing': 'packages/sdk/testing/index.ts',
};

/** Doors to what only tests load. */
const FOR_TESTS: readonly string[] = ['sdk/testing'];

/** Whether a file runs in a browser: all of these rooms, but what only tests load. */
export function runsInBrowser(path: string): boolean {
  const isTesting = FOR_TESTS.some((entry) => path.startsWith(posix.dirname(ENTRIES[entry]!)));
  return BROWSER.includes(roomOf(path)) && !isTesting;
}

/** One import: from a file of ours to a file of ours (a path from the root) or to a package. */
export interface Edge {
  readonly from: string;
  readonly specifier: string;
  /** Path from the root for relative imports and for our own packages; undefined for what others wrote. */
  readonly to: string | undefined;
}

/** Files below the root with one of these endings, as paths from the root with forward slashes. */
export function sourceFiles(endings: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(ROOT, path).replaceAll(sep, '/');
      if (entry.name.startsWith('.') || entry.name === 'node_modules' || GENERATED.has(name)) continue;
      if (entry.isDirectory()) visit(path);
      else if (endings.some((ending) => name.endsWith(ending))) found.push(name);
    }
  };
  visit(ROOT);
  return found.sort();
}

/** The folders of a checkout by their path from the root: those of the root, and the packages in place of packages/. */
export function sourceFolders(): string[] {
  const foldersIn = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .filter(({ name }) => !GENERATED.has(name))
      .map(({ name }) => posix.join(folder, name));
  return foldersIn('.').flatMap((folder) => (folder === 'packages' ? foldersIn(folder) : [folder]));
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The room of a path: `protocol` for packages/protocol/…, else the first folder; '' for a file at the root. */
export function roomOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  if (!path.includes('/')) return '';
  return first === 'packages' ? second : first;
}

/** The one door of a room. */
const doorOf = (room: string): string => `${PACKAGE_ROOMS.includes(room) ? 'packages/' : ''}${room}/index.ts`;

/** `@quittance/protocol` → `packages/protocol/index.ts`; what follows the name stays, so that a deep import shows. */
const OWN_PACKAGE = /^@quittance\/([^/]+)(?:\/(.+))?$/;

function targetOf(from: string, specifier: string): string | undefined {
  const [, room, rest] = OWN_PACKAGE.exec(specifier) ?? [];
  const entry = ENTRIES[`${room}/${rest}`];
  if (entry !== undefined) return entry;
  if (room !== undefined) return `packages/${room}/${rest ?? 'index.ts'}`;
  const isRelative = specifier.startsWith('.') || (from.endsWith('.circom') && !specifier.startsWith('circomlib'));
  return isRelative ? posix.join(posix.dirname(from), specifier) : undefined;
}

/** The imports of one file. */
export function edgesOf(path: string, source: string): Edge[] {
  const specifiers = path.endsWith('.sol')
    ? solidityImports(source)
    : path.endsWith('.circom')
      ? circomIncludes(source)
      : typescriptImports(source);
  return specifiers.map((specifier) => ({ from: path, specifier, to: targetOf(path, specifier) }));
}

/** `@scope/name` or `name` of a package specifier. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Why a TypeScript import is not allowed, or undefined. */
export function violationOf({ from, specifier, to }: Edge): string | undefined {
  const room = roomOf(from);
  if (OUTSIDE.includes(room)) return undefined;
  if (to === undefined) {
    if (specifier.startsWith('node:') && runsInBrowser(from))
      return `${from} runs in a browser and imports ${specifier}`;
    const packages = PACKAGES[room];
    if (packages !== undefined && !packages.includes(packageOf(specifier))) {
      return `${from} imports ${specifier}, which is no package for ${room}`;
    }
    return undefined;
  }
  const target = roomOf(to);
  if (to.startsWith('..')) return `${from} imports ${specifier} from outside the repository`;
  if (OUTSIDE.includes(target)) return `${from} imports ${to}, which nothing may import`;
  if (room === '') return undefined; // configuration at the root
  if (target === room) return OWN_PACKAGE.test(specifier) ? `${from} imports its own package by name` : undefined;
  if (target === '') return `${from} imports ${to}: files at the root are imported by none`;
  if (MAY_IMPORT[room] === undefined) return `${room} has no row in the table of imports`;
  if (!MAY_IMPORT[room].includes(target)) return `${from} imports ${to}: ${room} may not import ${target}`;
  if (to !== doorOf(target) && !Object.values(ENTRIES).includes(to))
    return `${from} imports ${to} past ${doorOf(target)}`;
  if (PACKAGE_ROOMS.includes(target) && !OWN_PACKAGE.test(specifier)) {
    return `${from} imports ${specifier}: packages are imported by name, @quittance/${target}`;
  }
  return undefined;
}

/** Groups of files of which each imports every other, directly or through others, each sorted: Tarjan's components. */
function importCircles(edges: readonly Edge[]): string[][] {
  const targets = Map.groupBy(
    edges.filter(({ from, to }) => to !== undefined && to !== from),
    ({ from }) => from,
  );
  const circles: string[][] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  /** @returns the earliest file on the path that this one reaches. */
  const visit = (file: string): number => {
    const position = order.size;
    order.set(file, position);
    open.push(file);
    let lowest = position;
    for (const { to } of targets.get(file) ?? []) {
      if (!order.has(to!)) lowest = Math.min(lowest, visit(to!));
      else if (open.includes(to!)) lowest = Math.min(lowest, order.get(to!)!);
    }
    if (lowest === position) circles.push(open.splice(open.indexOf(file)).sort());
    return lowest;
  };
  for (const file of targets.keys()) if (!order.has(file)) visit(file);
  return circles.filter(({ length }) => length > 1);
}

/** The import circles that are not allowed: between files of different folders, or of more than two files of one. */
export function forbiddenCircles(edges: readonly Edge[]): string[] {
  const isForbidden = (files: readonly string[]): boolean =>
    files.length > 2 || new Set(files.map((file) => posix.dirname(file))).size > 1;
  return importCircles(edges)
    .filter(isForbidden)
    .map((files) => files.join(' ↔ '));
}

/** A cycle between rooms, as a path that ends where it starts, or undefined. */
export function findCycle(edges: readonly Edge[]): string[] | undefined {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    const room = roomOf(from);
    if (to === undefined || room === roomOf(to) || OUTSIDE.includes(room)) continue;
    targets.set(room, (targets.get(room) ?? new Set()).add(roomOf(to)));
  }
  const done = new Set<string>();
  const visit = (room: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(room)) return [...path.slice(path.indexOf(room)), room];
    if (done.has(room)) return undefined;
    for (const target of targets.get(room) ?? []) {
      const cycle = visit(target, [...path, room]);
      if (cycle !== undefined) return cycle;
    }
    done.add(room);
    return undefined;
  };
  for (const room of targets.keys()) {
    const cycle = visit(room, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
