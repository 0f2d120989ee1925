/** Where this package and what was built from it lie. */

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Sources run as they are; what was packed for npm is compiled. */
export const IS_CHECKOUT = import.meta.url.endsWith('.ts');

/** Root of the package. */
export const PACKAGE_ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** What a checkout has built, and a package has as a part of it: never written to by a package. */
const BUILD_DIRECTORY = join(PACKAGE_ROOT, 'build');

/** The explorer's files, where they were built. */
export const EXPLORER_DIRECTORY = join(BUILD_DIRECTORY, 'explorer');

/** Compiled contracts. */
export const CONTRACT_ARTIFACTS = join(BUILD_DIRECTORY, 'contracts', 'artifacts', 'contracts');

/** The file that this process runs: what a command that starts itself again, or names itself, goes by. */
export const PROGRAM = resolve(process.argv[1] ?? PACKAGE_ROOT);
