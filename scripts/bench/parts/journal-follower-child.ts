/** A follower of `./dev bench journal` in a process of its own: node journal-follower-child.ts <url> <name>. */

import type { Journal } from '../../../storage/index.ts';
import { type FollowerOrder, openBenchJournal } from './journal/open.ts';

const [url, name] = process.argv.slice(2) as [string, string];

/** Follows from the end of the journal on. @returns waits for an entry, and stops. */
async function follow(journal: Journal): Promise<(sequence: number) => Promise<void>> {
  let head = await journal.head();
  let wanted = Number.POSITIVE_INFINITY;
  const reached = Promise.withResolvers<void>();
  let isReading = false;
  let isNewer = false;
  const read = async (): Promise<void> => {
    isNewer = true;
    if (isReading) return;
    isReading = true;
    while (isNewer) {
      isNewer = false;
      for await (const { last, chain } of journal.read(head)) head = { sequence: last, chain };
      if (head.sequence >= wanted) reached.resolve();
    }
    isReading = false;
  };
  const stop = journal.watch(() => void read());
  return async (sequence) => {
    wanted = sequence;
    await read();
    await reached.promise;
    stop();
  };
}

let journal: Journal | undefined;
let rest: ((sequence: number) => Promise<void>) | undefined;
process.on('message', async ({ does, sequence }: FollowerOrder) => {
  journal ??= await openBenchJournal(url, name);
  if (does === 'follow') rest = await follow(journal);
  else await rest?.(sequence);
  process.send!(does);
});
