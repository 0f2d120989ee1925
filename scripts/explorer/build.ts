/** The explorer's files in build/explorer, built again only after something that goes into them has changed. */

import { createHash } from 'node:crypto';
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPLORER_DIRECTORY as FOLDER, PACKAGE_ROOT } from '../../cli/paths.ts';

const STAMP = '.stamp';

/** Everything that the files are made of. */
const SOURCES = [
  'package-lock.json',
  'explorer/{build.ts,index.html,package.json}',
  'explorer/{src,public}/**/*.*',
  'packages/*/{*,*/*,*/*/*}.{ts,json}',
];

function hashOfSources(): string {
  const hash = createHash('sha256');
  const isInstalled = (path: string): boolean => path.includes('node_modules');
  for (const path of globSync(SOURCES, { cwd: PACKAGE_ROOT, exclude: isInstalled }).sort()) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(PACKAGE_ROOT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function stampOf(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, STAMP), 'utf8');
  } catch {
    return undefined; // it was never built, or not to its end
  }
}

/** Puts a new folder in the place of an old one; another process may do the same with the same files. */
function replaceFolder(fresh: string, hash: string): void {
  const old = `${FOLDER}.old.${process.pid}`;
  try {
    renameSync(FOLDER, old);
  } catch {
    // there was none
  }
  try {
    renameSync(fresh, FOLDER);
  } catch (error) {
    if (stampOf(FOLDER) !== hash) throw error;
  }
  rmSync(old, { recursive: true, force: true });
  rmSync(fresh, { recursive: true, force: true });
}

/** Builds the explorer if it has to be. @returns its folder. */
export async function ensureExplorer(): Promise<string> {
  const hash = hashOfSources();
  if (stampOf(FOLDER) === hash) return FOLDER;
  const fresh = `${FOLDER}.${process.pid}`;
  const { buildExplorer } = await import('../../explorer/build.ts');
  await buildExplorer(join(PACKAGE_ROOT, 'explorer'), fresh);
  writeFileSync(join(fresh, STAMP), hash);
  replaceFolder(fresh, hash);
  return FOLDER;
}
