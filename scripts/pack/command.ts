/**
 * Builds the command `quittance` for those who have no checkout: the same tree as here, compiled file by file, with what it
 * reads at run time where it looks for it here. Our own packages are inside, so that one tarball is the whole command.
 */

import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build, type Rolldown } from 'tsdown';
import { ensureExplorer } from '../explorer/build.ts';
import { importedPackages } from './imports.ts';
import { commandManifest, type Manifest, type Platform } from './manifest.ts';
import { writeManifest } from './tarball.ts';

/** Rooms whose sources may be part of the command. */
const ROOMS = ['channels', 'cli', 'native', 'packages', 'prover', 'runtime', 'sequencer', 'storage', 'watcher'];
const ENTRY = 'cli/main.ts';

/** Programs of threads and child processes are named by URL: `new URL('./worker.ts', import.meta.url)`. */
const PROGRAM = /new URL\('(\.{1,2}\/[^']+)\.ts', import\.meta\.url\)/g;

/** Contracts of test/ that a devnet deploys too. */
const TEST_CONTRACTS = ['mocks/TestToken.sol/TestToken.json'];
const ARTIFACTS = 'build/contracts/artifacts';

/** Sources of programs that threads and child processes run, by what names them. */
function programs(): string[] {
  return globSync(ROOMS.map((room) => `${room}/**/*.ts`))
    .filter((path) => !path.includes('node_modules'))
    .flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(PROGRAM)].map(([, name]) => join(dirname(path), `${name}.ts`)),
    );
}

/** Turns the names of programs into those of what they are compiled to. */
const renamePrograms: Rolldown.Plugin = {
  name: 'quittance:programs',
  transform: {
    order: 'pre',
    handler: (code) =>
      code.includes('import.meta.url)')
        ? { code: code.replace(PROGRAM, "new URL('$1.js', import.meta.url)"), map: null }
        : null,
  },
};

/** Everything that the tree depends on, by name: the command has the packages inside. */
function versionsOf(root: Manifest): Record<string, string> {
  const own = globSync('packages/*/package.json').map((path) => JSON.parse(readFileSync(path, 'utf8')) as Manifest);
  return Object.assign({}, ...own.map(({ dependencies }) => dependencies), root.dependencies);
}

function copy(path: string, folder: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  // Our own notes of what was built from what are no part of it.
  cpSync(path, join(folder, path), { recursive: true, filter: (source) => !source.endsWith('/.stamp') });
}

/** Contracts that can be deployed, and what explorers of L1 verify their sources with. @throws Error when none is built. */
function copyContracts(folder: string): void {
  const paths = globSync(`${ARTIFACTS}/contracts/**/*.json`).filter((path) => {
    const { bytecode } = JSON.parse(readFileSync(path, 'utf8')) as { bytecode?: string };
    const isOurs = !path.includes('/mocks/') || TEST_CONTRACTS.some((kept) => path.endsWith(kept));
    return isOurs && bytecode !== undefined && bytecode !== '0x';
  });
  if (paths.length === 0) throw new Error('the contracts are not compiled: run ./dev build');
  for (const path of paths) copy(path, folder);
  for (const path of globSync(`${ARTIFACTS}/build-info/*.json`)) if (!path.endsWith('.output.json')) copy(path, folder);
}

/** Builds the command into `staging`/quittance and gives that folder. */
export async function buildCommand(staging: string, platforms: readonly Platform[]): Promise<string> {
  const folder = resolve(staging, 'quittance');
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    config: false,
    entry: Object.fromEntries([ENTRY, ...programs()].map((path) => [path.replace(/\.ts$/, ''), path])),
    root: '.',
    format: 'esm',
    outDir: folder,
    platform: 'node',
    target: 'node22.13',
    unbundle: true,
    sourcemap: true,
    dts: false,
    fixedExtension: false,
    clean: false,
    deps: { alwaysBundle: [/^@quittance\//], neverBundle: [/^(?!@quittance\/)[a-z@]/] },
    plugins: [renamePrograms],
    logLevel: 'warn',
  });
  copyContracts(folder);
  await ensureExplorer();
  for (const path of ['circuits', 'build/explorer']) copy(path, folder);
  for (const path of ['LICENSE', 'SECURITY.md']) copy(path, folder);
  cpSync('cli/README.md', join(folder, 'README.md'));
  const imported = importedPackages(folder, '**/*.js');
  writeManifest(
    folder,
    commandManifest(root, {
      versions: versionsOf(root),
      imported,
      platforms,
      files: [...ROOMS, 'circuits', 'build', 'SECURITY.md'],
    }),
  );
  return folder;
}
