/** The order of work on groups: signatures of one are checked on other threads while the one before it is judged and written. */

import { setImmediate as turn } from 'node:timers/promises';
import type { Checked } from './job.ts';
import type { Screened } from './screening.ts';

/** Judges a group, or throws what is to be said of all of it, before anything is answered. */
type Judge = (group: readonly Checked[]) => void;

async function take({ group, good }: Screened, meanwhile: () => void, judge: Judge): Promise<void> {
  let open = group;
  try {
    open = await good;
    meanwhile();
    judge(open);
  } catch (error) {
    for (const { job } of open) job.refuse(error);
  }
}

/**
 * Takes groups until there are none. Other work gets its turn between two of them.
 *
 * @param nextGroup begins with what waits; undefined when nothing does. @param before a group that is not judged yet.
 */
export async function runPipeline(nextGroup: (before?: Screened) => Screened | undefined, judge: Judge): Promise<void> {
  let following = nextGroup();
  while (following !== undefined) {
    const group = following;
    following = undefined;
    const begin = () => {
      following = nextGroup(group);
    };
    await take(group, begin, judge);
    await turn();
    following ??= nextGroup();
  }
}
