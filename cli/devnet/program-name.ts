/** How the person at the screen calls us: what is printed for them must work when it is pasted. */

import { basename, dirname, join, relative } from 'node:path';
import { PACKAGE_ROOT, PROGRAM } from '../paths.ts';

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** In a checkout its `dev`; from a project's node_modules or npm's cache `npx`; else the command itself. */
export function programName(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
  program = PROGRAM,
): string {
  if (basename(program) === 'main.ts' && dirname(dirname(program)) === PACKAGE_ROOT) {
    const door = folder === PACKAGE_ROOT ? './dev' : join(PACKAGE_ROOT, 'dev');
    return `${quoted(door)} quittance`;
  }
  const isInProject = relative(folder, program).startsWith('node_modules');
  return isInProject || environment['npm_command'] === 'exec' ? 'npx quittance' : 'quittance';
}
