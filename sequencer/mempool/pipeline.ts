/** The order of work on groups: signatures of one are checked on other threads while the one before it is judged and written. */

import { setImmediate as turn } from 'node:timers/promises';
import type { Checked } from './job.ts';
import type { Screened } from './screening.ts';

/** Judges a group, or throws what is to be said of all of it, before anything is answered. */
type Judge = (group: readonly Checked[]) => void;

async function take({ group, good }: Screened, meanwhile: () => void, ready: Ready, judge: Judge): Promise<void> {
  let open = group;
  try {
    open = await good;
    const waiting = ready();
    if (waiting !== undefined) await waiting;
    meanwhile();
    judge(open);
  } catch (error) {
    for (const { job } of open) job.refuse(error);
  }
}

/** Waits until another group can be written; undefined when one can. What comes meanwhile joins the next one. */
type Ready = () => Promise<void> | undefined;

/**
 * Takes groups until there are none. Other work gets its turn between two of them.
 *
 * @param nextGroup begins with what waits; undefined when nothing does. @param before a group that is not judged yet.
 */
export async function runPipeline(
  nextGroup: (before?: Screened) => Screened | undefined,
  ready: Ready,
  judge: Judge,
): Promise<void> {
  let following = nextGroup();
  while (following !== undefined) {
    const group = following;
    following = undefined;
    const begin = () => {
      following = nextGroup(group);
    };
    await take(group, begin, ready, judge);
    await turn();
    following ??= nextGroup();
  }
}
