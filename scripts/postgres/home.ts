/** The folder of a PostgreSQL. When this process ends, however that happens, the server in it ends and the folder goes. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountOf } from './account.ts';

/** A folder, with whoever removes it. */
export interface Home {
  readonly folder: string;
  /** Its server must have ended. */
  remove(): Promise<void>;
}

/** Reads until whoever holds the other end has gone; a process that was killed cannot clean up for itself. */
const GUARD = `read word
[ -d "$1" ] || exit 0
pid=$(head -n 1 "$1/data/postmaster.pid")
if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = postgres ]; then
  kill -CONT "$pid"
  kill -QUIT "$pid"
  tries=0
  while kill -0 "$pid" && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1"`;

function isWritable(parent: string): boolean {
  try {
    accessSync(parent, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function own(path: string): void {
  const account = accountOf();
  if ('uid' in account) chownSync(path, account.uid, account.gid);
}

/** Writes a file that the server may read and remove, and nobody else. */
export function writeOwned(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o600 });
  own(path);
}

/** An empty folder in `parent`, else in memory where that can be, which the account of the server owns. */
export function makeHome(parent?: string): Home {
  const fastest = isWritable('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(parent ?? fastest, 'quittance-postgres-'));
  own(folder);
  // In a session of its own: what ends a terminal's processes must not end it before it has done its work.
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', folder], {
    ...accountOf(),
    cwd: '/',
    detached: true,
    stdio: [...stdio],
  });
  guard.stdin!.on('error', () => undefined);
  guard.unref();
  return {
    folder,
    async remove() {
      rmSync(folder, { recursive: true, force: true });
      if (guard.exitCode !== null || guard.signalCode !== null) return;
      const exited = once(guard, 'exit');
      guard.ref();
      guard.stdin!.end();
      await exited;
    },
  };
}
