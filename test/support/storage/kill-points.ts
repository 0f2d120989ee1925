/** A storage whose process kills itself at a chosen commit: nothing gets a chance to tidy up. */

import type { Storage } from '../../../storage/index.ts';

/** When to die. */
export interface KillPoint {
  /** Counted from 1, what is staged too. */
  readonly atCommit: number;
  /** Before anything of it is written, when all of it is written and not committed, or when it is on disk. */
  readonly when: 'before' | 'within' | 'after';
}

/** The storage as it is without a point. */
export function killedAt(storage: Storage, point: KillPoint | undefined): Storage {
  if (point === undefined) return storage;
  let count = 0;
  const die = (): never => {
    process.kill(process.pid, 'SIGKILL');
    // The signal comes at once; nothing may run until it does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    throw new Error('killed');
  };
  const write = <T>(how: 'commit' | 'stage', change: () => T): T => {
    count += 1;
    if (count !== point.atCommit) return storage[how](change);
    if (point.when === 'before') die();
    const result = storage[how](() => {
      const changed = change();
      return point.when === 'within' ? die() : changed;
    });
    die();
    return result;
  };
  return { ...storage, commit: (change) => write('commit', change), stage: (change) => write('stage', change) };
}
