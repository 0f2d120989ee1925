/** Builds a package of packages/ for those who install it: ESM, CommonJS, declarations of both, source maps. */

import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'tsdown';
import { importedPackages } from './imports.ts';
import { entryOf, libraryManifest, type Manifest } from './manifest.ts';
import { writeManifest } from './tarball.ts';

/** The packages that are published for others to import, each behind those it depends on. */
export const LIBRARIES = ['protocol', 'rpc', 'chain', 'derivation', 'sdk'] as const;

/** The oldest engines that what we publish is written for: Node as in package.json, browsers of the same year. */
const TARGET = 'es2023';

/** Declarations come from the compiler that checks them, which wants a project of its own: not the tests. */
function writeProject(folder: string): string {
  const path = join(folder, 'tsconfig.json');
  const project = {
    extends: resolve('tsconfig.json'),
    compilerOptions: { types: ['node'] },
    include: [resolve('packages/**/*.ts'), resolve('runtime/**/*.ts')],
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, JSON.stringify(project));
  return resolve(path);
}

/** Takes out imports that import nothing: in a declaration they mean nothing, but ask for a package. */
function dropEmptyImports(folder: string): void {
  for (const name of globSync('**/*.d.{mts,cts}', { cwd: folder })) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/^import "[^"]+";\n/gm, ''));
  }
}

/** @throws Error when the built files ask for other packages than the manifest names. */
function checkImports(folder: string, { name, dependencies, peerDependencies }: Manifest): void {
  const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies }));
  const imported = new Set(importedPackages(join(folder, 'dist')));
  const missing = [...imported].filter((other) => !declared.has(other));
  if (missing.length > 0) throw new Error(`${name} imports what its package.json does not name: ${missing.join(', ')}`);
  const unused = Object.keys(dependencies ?? {}).filter((other) => !imported.has(other));
  if (unused.length > 0) throw new Error(`${name} names what it does not import: ${unused.join(', ')}`);
}

/** Builds packages/<name> into `staging`/<name> and gives that folder. */
export async function buildLibrary(name: (typeof LIBRARIES)[number], staging: string): Promise<string> {
  const source = join('packages', name);
  const folder = resolve(staging, name);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
  const root = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    config: false,
    cwd: resolve(source),
    entry: Object.fromEntries(Object.values(manifest.exports ?? {}).map((file) => [entryOf(file), file])),
    format: ['esm', 'cjs'],
    outDir: join(folder, 'dist'),
    platform: 'neutral',
    target: TARGET,
    tsconfig: writeProject(join(staging, 'project')),
    // One file of output for each of ours: a bundler leaves out the files that a page does not use.
    unbundle: true,
    sourcemap: true,
    dts: { sourcemap: false },
    fixedExtension: true,
    clean: false,
    // Nothing that others wrote, not even types: what is needed of runtime/ is inside, what it needs itself is not.
    deps: { neverBundle: [/^[@a-z]/] },
    logLevel: 'warn',
    suppressWarnings: /generator on TypeScript 7\.0 is deprecated/,
  });
  dropEmptyImports(join(folder, 'dist'));
  copyFileSync(join(source, 'README.md'), join(folder, 'README.md'));
  copyFileSync('LICENSE', join(folder, 'LICENSE'));
  writeManifest(folder, libraryManifest(manifest, root));
  checkImports(folder, manifest);
  return folder;
}
