/** Which folder may import which, and how an import graph is judged by it. Source: the layout of the project. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { circomIncludes, solidityImports, typescriptImports } from './scanner.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders that a clean checkout does not have, by their path from the root. */
const GENERATED = new Set(['node_modules', 'build', 'native/target', 'types', 'artifacts', 'cache']);

/** What each top-level folder may import besides itself. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  native: ['protocol'],
  runtime: ['protocol'],
  derivation: ['protocol', 'chain', 'runtime'],
  storage: ['protocol', 'runtime'],
  chain: ['protocol', 'runtime'],
  prover: ['protocol', 'native', 'runtime'],
  // The schema of the JSON-RPC, which client and server share.
  rpc: ['protocol'],
  wallet: ['protocol', 'rpc', 'chain', 'derivation'],
  explorer: ['protocol', 'rpc', 'wallet'],
  sequencer: ['protocol', 'rpc', 'native', 'prover', 'storage', 'chain', 'derivation', 'runtime'],
  watcher: ['protocol', 'native', 'prover', 'storage', 'chain', 'derivation', 'runtime'],
  cli: [
    'protocol',
    'native',
    'runtime',
    'derivation',
    'storage',
    'chain',
    'prover',
    'rpc',
    'wallet',
    'explorer',
    'sequencer',
    'watcher',
  ],
};

/** Folders that may import anything, and past an index too, but that nothing imports. */
export const OUTSIDE: readonly string[] = ['scripts', 'test'];

/** Packages of node_modules that a pure folder may use. Folders that are not named may use any. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  protocol: ['@noble/curves', '@noble/hashes', 'poseidon-lite'],
};

/** Folders that run in a browser: nothing of Node. */
export const BROWSER: readonly string[] = ['protocol', 'rpc', 'wallet', 'explorer'];

/** One import: from a file of ours to a file of ours (a path from the root) or to a package. */
export interface Edge {
  readonly from: string;
  readonly specifier: string;
  /** Path from the root for relative imports. */
  readonly to: string | undefined;
}

/** Files below the root with one of these endings, as paths from the root with forward slashes. */
export function sourceFiles(endings: readonly string[]): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(ROOT, path).replaceAll(sep, '/');
      if (entry.name.startsWith('.') || GENERATED.has(name)) continue;
      if (entry.isDirectory()) visit(path);
      else if (endings.some((ending) => name.endsWith(ending))) found.push(name);
    }
  };
  visit(ROOT);
  return found.sort();
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');

/** The imports of one file. */
export function edgesOf(path: string, source: string): Edge[] {
  const specifiers = path.endsWith('.sol')
    ? solidityImports(source)
    : path.endsWith('.circom')
      ? circomIncludes(source)
      : typescriptImports(source);
  return specifiers.map((specifier) => {
    const isRelative = specifier.startsWith('.') || (path.endsWith('.circom') && !specifier.startsWith('circomlib'));
    return { from: path, specifier, to: isRelative ? posix.join(posix.dirname(path), specifier) : undefined };
  });
}

/** `@scope/name` or `name` of a package specifier. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Why a TypeScript import is not allowed, or undefined. */
export function violationOf({ from, specifier, to }: Edge): string | undefined {
  const folder = folderOf(from);
  if (OUTSIDE.includes(folder)) return undefined;
  if (to === undefined) {
    if (specifier.startsWith('node:') && BROWSER.includes(folder))
      return `${from} runs in a browser and imports ${specifier}`;
    const packages = PACKAGES[folder];
    if (packages !== undefined && !packages.includes(packageOf(specifier))) {
      return `${from} imports ${specifier}, which is no package for ${folder}`;
    }
    return undefined;
  }
  const target = folderOf(to);
  if (to.startsWith('..')) return `${from} imports ${specifier} from outside the repository`;
  if (OUTSIDE.includes(target)) return `${from} imports ${to}, which nothing may import`;
  if (folder === '' || target === folder) return undefined; // configuration at the root, or a folder's own files
  if (target === '') return `${from} imports ${to}: files at the root are imported by none`;
  if (MAY_IMPORT[folder] === undefined) return `${folder} has no row in the table of imports`;
  if (!MAY_IMPORT[folder].includes(target)) return `${from} imports ${to}: ${folder} may not import ${target}`;
  if (to !== `${target}/index.ts`) return `${from} imports ${to} past ${target}/index.ts`;
  return undefined;
}

/** A cycle between top-level folders, as a path that ends where it starts, or undefined. */
export function findCycle(edges: readonly Edge[]): string[] | undefined {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    if (to === undefined || folderOf(from) === folderOf(to) || OUTSIDE.includes(folderOf(from))) continue;
    const known = targets.get(folderOf(from)) ?? new Set();
    targets.set(folderOf(from), known.add(folderOf(to)));
  }
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const target of targets.get(folder) ?? []) {
      const cycle = visit(target, [...path, folder]);
      if (cycle !== undefined) return cycle;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of targets.keys()) {
    const cycle = visit(folder, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
