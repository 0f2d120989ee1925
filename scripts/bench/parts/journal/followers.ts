/** Followers in processes of their own. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FollowerOrder } from './open.ts';

const PROGRAM = fileURLToPath(new URL('../journal-follower-child.ts', import.meta.url));

export interface Followers {
  /** Resolves once all follow. */
  follow(sequence: number): Promise<void>;
  /** Resolves once all have the entry, and follow no more. */
  rest(sequence: number): Promise<void>;
  stop(): void;
}

/** Starts `count` of them. */
export function startFollowers(count: number, url: string): Followers {
  const children: ChildProcess[] = Array.from({ length: count }, (_, index) =>
    fork(PROGRAM, [url, `follower${index}`]),
  );
  const ended = children.map(async (child) => {
    const [code] = await once(child, 'exit');
    throw new Error(`a follower ended with code ${code}`);
  });
  const tell = async (order: FollowerOrder): Promise<void> => {
    const answers = children.map((child) => new Promise((resolve) => child.once('message', resolve)));
    for (const child of children) child.send(order);
    await Promise.race([Promise.all(answers), ...ended]);
  };
  return {
    follow: (sequence) => tell({ does: 'follow', sequence }),
    rest: (sequence) => tell({ does: 'rest', sequence }),
    stop() {
      // That they end from now on is what is wanted.
      for (const end of ended) end.catch(() => undefined);
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
