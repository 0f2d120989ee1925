/** A lock file between processes of one machine: no two of them build the same artifact. */

import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { RollupError } from '@quittance/protocol';
import { throwIfCancelled } from '../cancel.ts';

const POLL_MS = 100;
/** A lock file without a readable process id is only trusted for this long: its writer died between two calls. */
const UNREADABLE_LOCK_MS = 10_000;

/**
 * Runs `task` while this process alone holds the lock file `path`; waits for other processes that hold it.
 * A lock whose process no longer lives is removed. Works between processes of one machine.
 *
 * @throws RollupError TIMEOUT when the lock is held for longer than `timeoutMs`; CANCELLED on `signal`.
 */
export async function withLock<T>(
  path: string,
  task: () => Promise<T>,
  { timeoutMs = 3_600_000, signal }: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (!(await tryLock(path))) {
    throwIfCancelled(signal, 'waiting for another process');
    if (await isAbandoned(path)) {
      await removeAbandoned(path);
      continue;
    }
    if (Date.now() > deadline) {
      throw new RollupError('TIMEOUT', `${path} is held by another process; remove it if none is running`, { path });
    }
    await wait(POLL_MS);
  }
  try {
    return await task();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(`${process.pid}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  if (Number.isSafeInteger(holder) && holder > 0) return !isAlive(holder);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > UNREADABLE_LOCK_MS;
}

/**
 * Moves the file away before it is deleted and looks again: between the two looks another process may have taken the
 * lock over, and then it gets it back.
 */
async function removeAbandoned(path: string): Promise<void> {
  const aside = `${path}.abandoned-${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (!(await isAbandoned(aside))) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
