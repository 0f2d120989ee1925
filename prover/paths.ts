/** Where this package and its build folder lie. */

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from './cache-folder.ts';

/** The root of this package: where circuits/ is. */
export const PACKAGE_ROOT = resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Sources run as they are; what was packed for npm is compiled. */
const isCheckout = import.meta.url.endsWith('.ts');

/** Where artifacts go unless the caller says otherwise: into the checkout, or where installed programs keep such things. */
export const DEFAULT_BUILD_DIRECTORY = isCheckout
  ? join(PACKAGE_ROOT, 'build')
  : cacheFolder({ platform: process.platform, home: homedir(), environment: process.env });
