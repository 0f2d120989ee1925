/** Where a program that was installed keeps what it can make anew. */

import { join } from 'node:path';

/** What decides about it: `process.platform`, the home folder, and the environment. */
export interface CachePlace {
  readonly platform: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The folder for circuits and keys, by the custom of the system: they are large, outlive a version of the package, and the
 * package's own folder may be read-only or gone with the next `npx`. Source: XDG Base Directory Specification.
 */
export function cacheFolder({ platform, home, environment }: CachePlace): string {
  const { XDG_CACHE_HOME: xdg = '', LOCALAPPDATA: local = '' } = environment;
  if (platform === 'win32') return join(local === '' ? join(home, 'AppData', 'Local') : local, 'quittance');
  // The specification has relative paths ignored.
  if (xdg.startsWith('/')) return join(xdg, 'quittance');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'quittance') : join(home, '.cache', 'quittance');
}
