/** The disk of a party: its store in a file, what is left of that when its process is killed, and a disk that fails. */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type OpenChannelStore, openChannelStore } from '../../../channels/index.ts';
import type { Disk } from './route-world.ts';

/** What SQLite says when it cannot write, by the code that it becomes. */
const FAILURES = { DISK_FULL: 'SQLITE_FULL', DATABASE_DAMAGED: 'SQLITE_IOERR_WRITE' } as const;
export type DiskFailure = keyof typeof FAILURES;
export const DISK_FAILURES = Object.keys(FAILURES) as readonly DiskFailure[];

/** A store on disk. */
export interface StoreDisk extends Disk {
  /** The store of the process that runs now. */
  readonly store: OpenChannelStore;
  /** Ends it and removes its files. */
  remove(): void;
}

export function createStoreDisk(): StoreDisk {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-disk-'));
  const channels = `0x${'c1'.repeat(20)}`;
  let processes = 0;
  const fileNow = (): string => join(folder, `${processes}`, 'channels.db');
  let store: OpenChannelStore | undefined;
  return {
    get store() {
      return store!;
    },
    start() {
      store = openChannelStore({ file: fileNow(), chainId: 31_337n, channels });
      return store;
    },
    // What is in the files at this moment is all that the next process finds: nothing is flushed or closed before.
    crash() {
      const before = fileNow();
      processes += 1;
      mkdirSync(join(folder, `${processes}`));
      for (const part of ['', '-wal', '.head']) {
        if (existsSync(`${before}${part}`)) copyFileSync(`${before}${part}`, `${fileNow()}${part}`);
      }
      store?.close();
      store = undefined;
    },
    remove() {
      store?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Has commits of all databases fail: those from the one that `from` counts to, from 0, on.
 *
 * @returns how many there were, and how to mend the disk.
 */
export function failCommits(from: number, failure: DiskFailure) {
  const { transaction } = Sqlite.prototype;
  let commits = 0;
  Sqlite.prototype.transaction = function (this: Sqlite.Database, change: () => unknown) {
    commits += 1;
    if (commits <= from) return transaction.call(this, change);
    throw Object.assign(new Error('it cannot be written'), { code: FAILURES[failure] });
  } as typeof transaction;
  return {
    get commits() {
      return commits;
    },
    mend(): void {
      Sqlite.prototype.transaction = transaction;
    },
  };
}
