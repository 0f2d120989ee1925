/** The disk of one process: a database on a memory file system, which can die at a commit, before, in the middle or after it. */

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { openStorage, type Storage } from '../../../storage/index.ts';
import type { Random } from '../property/random.ts';
import { readWalEnd, type WalEnd, zeroWal } from './wal.ts';

/** How a process dies at a commit. `torn`: a part of what it wrote is there. */
export type Death = 'before' | 'torn' | 'after';

/** How the disk fails at a commit. `full`: there is no space for it; `broken`: it is there or not, and no other one follows. */
export type Failure = 'full' | 'broken';

/** What a commit changes. */
interface Files {
  readonly wal: WalEnd;
  readonly head: Buffer;
  /** Of the database itself, which only a checkpoint writes. */
  readonly changedAt: bigint | undefined;
}

/** Memory where there is one: nothing has to outlive the simulator. */
const MEMORY = '/dev/shm';

/** A folder of the simulator. */
export function makeFolder(): string {
  return mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'quittance-sim-'));
}

/** Thrown into a process that is dead. */
export class ProcessDied extends Error {}

const failures = new WeakSet<object>();

/** Whether a disk of the simulator failed with this. */
export function isDiskFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && failures.has(error);
}

/** What a storage says of a disk that fails. */
function failureOf(how: Failure, file: string): RollupError {
  const error =
    how === 'full'
      ? new RollupError('DISK_FULL', 'there is no space left', { file })
      : new RollupError('DATABASE_DAMAGED', 'the disk does not answer', { file, reason: 'I/O error' });
  failures.add(error);
  return error;
}

export class SimDisk {
  readonly #folder: string;
  readonly #random: Random;
  #life = 0;
  #storage: Storage | undefined;
  #walEnd: WalEnd | undefined;
  /** The files before what need not be on disk yet. */
  #unsynced: Files | undefined;
  #doom: { commitsLeft: number; how: Death | Failure } | undefined;
  /** Why nothing more is written in this life. */
  #failure: RollupError | undefined;
  /** Told of a death at a commit, in the middle of it. */
  onDeath: () => void = () => undefined;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
  }

  #path(life = this.#life): string {
    return join(this.#folder, `${life}.db`);
  }

  /** The next commit but `commits` is the last one, or the one that fails. */
  doom(commits: number, how: Death | Failure): void {
    this.#doom = { commitsLeft: commits, how };
  }

  spare(): void {
    this.#doom = undefined;
  }

  /** The storage as the last life left it. */
  open(): Storage {
    const storage = openStorage({ file: this.#path() });
    const life = this.#life;
    this.#storage = storage;
    this.#failure = undefined;
    const write = <T>(how: 'commit' | 'stage', change: () => T): T => {
      if (this.#life !== life) throw new ProcessDied('it wrote');
      if (this.#failure !== undefined) throw this.#failure;
      const doom = this.#doom;
      if (doom === undefined || doom.commitsLeft-- > 0) return this.#write(storage, how, change);
      this.#doom = undefined;
      if (doom.how === 'full' || doom.how === 'broken') return this.#fail(storage, how, change, doom.how);
      const before = this.#files();
      if (doom.how !== 'before') storage[how](change);
      this.die(doom.how === 'torn' ? before : undefined);
      this.onDeath();
      throw new ProcessDied(`${doom.how} a commit`);
    };
    return { ...storage, commit: (change) => write('commit', change), stage: (change) => write('stage', change) };
  }

  #write<T>(storage: Storage, how: 'commit' | 'stage', change: () => T): T {
    if (how === 'stage') this.#unsynced ??= this.#files();
    const result = storage[how](change);
    if (how === 'commit') this.#unsynced = undefined;
    return result;
  }

  /** The storage says that a commit failed: one with no space for it is undone, of a broken disk nobody knows. */
  #fail<T>(storage: Storage, how: 'commit' | 'stage', change: () => T, failure: Failure): never {
    const error = failureOf(failure, storage.file);
    if (failure === 'broken') this.#failure = error;
    if (failure === 'broken' && this.#random.chance(0.5)) this.#write(storage, how, change);
    else
      storage[how](() => {
        change();
        throw error;
      });
    throw error;
  }

  #files(): Files {
    const file = this.#path();
    this.#walEnd = readWalEnd(`${file}-wal`, this.#walEnd);
    return {
      wal: this.#walEnd,
      head: existsSync(`${file}.head`) ? readFileSync(`${file}.head`) : Buffer.alloc(0),
      changedAt: statSync(file, { bigint: true, throwIfNoEntry: false })?.mtimeNs,
    };
  }

  /**
   * The process dies. What it has synced is there, and of the rest as much as the disk happened to write.
   *
   * @param before the files before the commit that was torn.
   */
  die(before: Files | undefined = this.#unsynced): void {
    const [from, to] = [this.#path(), this.#path(this.#life + 1)];
    for (const suffix of ['', '-wal', '.head']) {
      if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`);
    }
    // A checkpoint syncs the -wal first: where one ran, all of it is there.
    if (before !== undefined && before.changedAt === this.#files().changedAt) this.#tear(to, before);
    this.#unsynced = undefined;
    this.#life += 1;
    this.#storage?.close();
    this.#storage = undefined;
    this.#remove(from);
  }

  /** Of what was written to the -wal since `before`, only the first part is there; the witness is written behind it. */
  #tear(file: string, { wal, head }: Files): void {
    const now = readWalEnd(`${file}-wal`, wal);
    const first = now.header.equals(wal.header) ? wal.bytes : 0;
    if (now.bytes === first) return;
    zeroWal(`${file}-wal`, first + this.#random.below(now.bytes - first), now.bytes);
    if (head.length > 0) writeFileSync(`${file}.head`, head);
    else rmSync(`${file}.head`, { force: true });
  }

  #remove(file: string): void {
    for (const suffix of ['', '-wal', '-shm', '.head']) rmSync(`${file}${suffix}`, { force: true });
  }

  /** Ends as a process that is asked to. */
  close(): void {
    this.#storage?.close();
    this.#storage = undefined;
  }
}
