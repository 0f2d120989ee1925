/** A place of blobs that is left alone for a while after it kept everybody waiting in vain. */

import { isRollupError } from '@quittance/protocol';
import type { Clock } from '../../../runtime/index.ts';
import { type BlobOrigin, originFailed } from './origin.ts';

/** What a place may lose between two good answers: less than one timeout of a beacon node or a mirror (15 s). */
const MAX_LOST_MS = 10_000;
/** How long it is left alone then. */
const REST_MS = 60_000;
/** Sooner answers in vain are not counted: a node that has pruned, or a web server without the file, says so at once. */
const SLOW_MS = 1_000;

/**
 * The same place, asked by who must not wait for it: once it lost 10 s with failures, or with having nothing, it fails at
 * once for a minute. A good answer makes up for all before it.
 */
export function createRestingOrigin(origin: BlobOrigin, clock: Clock): BlobOrigin {
  const { name } = origin;
  let lostMs = 0;
  let rest: { readonly untilMs: number; readonly reason: string } | undefined;

  function lose(ms: number, reason: string): void {
    if (ms < SLOW_MS) return;
    lostMs += ms;
    if (lostMs < MAX_LOST_MS) return;
    rest = { untilMs: clock.nowMs() + REST_MS, reason };
    lostMs = 0;
  }

  async function ask<T>(question: () => Promise<T>, isInVain: (answer: T) => boolean): Promise<T> {
    const startMs = clock.nowMs();
    if (rest !== undefined && startMs < rest.untilMs) {
      const seconds = Math.ceil((rest.untilMs - startMs) / 1_000);
      throw originFailed(name, `left alone for another ${seconds} s, since it took long in vain: ${rest.reason}`);
    }
    try {
      const answer = await question();
      if (isInVain(answer)) lose(clock.nowMs() - startMs, 'it does not have it');
      else lostMs = 0;
      return answer;
    } catch (error) {
      if (isRollupError(error, 'BLOB_SOURCE_FAILED')) lose(clock.nowMs() - startMs, error.data.reason);
      throw error;
    }
  }

  const { readCells, slotOf } = origin;
  return {
    ...origin,
    read: (request, signal) =>
      ask(
        () => origin.read(request, signal),
        ({ length }) => length === 0,
      ),
    ...(readCells && {
      readCells: (hash, signal) =>
        ask(
          () => readCells(hash, signal),
          (file) => file === undefined,
        ),
    }),
    ...(slotOf && {
      slotOf: (request, signal) =>
        ask(
          () => slotOf(request, signal),
          () => false,
        ),
    }),
  };
}
