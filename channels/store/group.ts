/** Writes that come together, in one commit: waiting once for the disk is enough for all of them. */

import type { Database } from '../../storage/index.ts';

/** A write that waits, and who waits for it. */
interface Waiting {
  /** Writes. @returns how to say so, once it is on disk. */
  write(): () => void;
  fail(error: unknown): void;
}

/** Writes of one store. */
export interface Group {
  /** Resolves when it is on disk, with whatever else came in the same turn of the event loop. @throws what `change` throws. */
  write<T>(change: () => T): Promise<T>;
  /** As `write`, at once: all that waits goes with it. */
  writeNow<T>(change: () => T): Promise<T>;
  /** Writes what waits. */
  flush(): void;
}

/** A group over a database. */
export function createGroup({ commit }: Pick<Database, 'commit'>): Group {
  let waiting: Waiting[] = [];

  const writeAll = (all: readonly Waiting[]): void => {
    try {
      const written = commit(() => all.map(({ write }) => write()));
      for (const say of written) say();
    } catch (error) {
      // All of it is taken back. What one of them cannot do is nobody else's failure.
      if (all.length === 1) all[0]!.fail(error);
      else for (const one of all) writeAll([one]);
    }
  };
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    if (all.length > 0) writeAll(all);
  };
  const join = <T>(change: () => T): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const write = (): (() => void) => {
      const result = change();
      return () => resolve(result);
    };
    waiting.push({ write, fail: reject });
    return promise;
  };
  return {
    write(change) {
      if (waiting.length === 0) setImmediate(flush);
      return join(change);
    },
    writeNow(change) {
      const written = join(change);
      flush();
      return written;
    },
    flush,
  };
}
