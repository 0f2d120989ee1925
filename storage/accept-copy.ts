/** Takes a copy of a sequencer's database that came from elsewhere: nothing of it is believed before it was looked at. */

import { rmSync } from 'node:fs';
import { isRollupError, RollupError } from '@quittance/protocol';
import type { LogHead } from './head-file.ts';
import { finishNew, partOf, readCommits } from './new-file.ts';
import { openStorage, type Storage } from './storage.ts';

/** The error for a copy that is none. */
export function copyInvalid(reason: string, cause?: unknown): RollupError<'COPY_INVALID'> {
  const message = `the copy is not that of a sequencer's database: ${reason}. Nothing was kept`;
  return new RollupError('COPY_INVALID', message, { reason }, cause === undefined ? {} : { cause });
}

/**
 * Makes a database of `<into>.part`, with a witness of its own: once its schema, its rows and the hash chain of its log are
 * right, and `check` found nothing wrong.
 *
 * @param check says what is wrong with it.
 * @returns where its log ends. @throws RollupError COPY_INVALID; the part is removed then.
 */
export async function acceptCopy(
  into: string,
  check: (storage: Storage) => Promise<string | undefined>,
): Promise<LogHead> {
  const part = partOf(into);
  try {
    const storage = openStorage({ file: part, trustWithoutWitness: true });
    let head: LogHead;
    try {
      head = storage.log.head();
      const wrong = await check(storage);
      if (wrong !== undefined) throw copyInvalid(wrong);
    } finally {
      storage.close();
    }
    finishNew(into, { ...head, commits: readCommits(part) });
    return head;
  } catch (error) {
    rmSync(part, { force: true });
    if (isRollupError(error, 'DATABASE_DAMAGED')) throw copyInvalid(error.message, error);
    throw error;
  }
}
