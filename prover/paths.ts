/** Where this package and its build folder lie. */

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of this package: where circuits/ and node_modules/ are. */
export const PACKAGE_ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Where artifacts go unless the caller says otherwise. */
export const DEFAULT_BUILD_DIRECTORY = join(PACKAGE_ROOT, 'build');
