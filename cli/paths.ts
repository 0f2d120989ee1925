/** Where this package and what was built from it lie. */

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the package. */
export const PACKAGE_ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Artifacts of all kinds. */
export const BUILD_DIRECTORY = join(PACKAGE_ROOT, 'build');

/** The explorer's files, where they were built. */
export const EXPLORER_DIRECTORY = join(BUILD_DIRECTORY, 'explorer');

/** Compiled contracts. */
export const CONTRACT_ARTIFACTS = join(BUILD_DIRECTORY, 'contracts', 'artifacts', 'contracts');

/** The file that this process runs: what a command that starts itself again, or names itself, goes by. */
export const PROGRAM = resolve(process.argv[1] ?? PACKAGE_ROOT);
