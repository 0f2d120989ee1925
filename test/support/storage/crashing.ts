/** A storage whose process "dies" at a chosen commit: just before it, or just after it is on disk. */

import type { Storage } from '../../../storage/index.ts';

/** When to die. */
export interface CrashPlan {
  /** Counted over all restarts, from 1, what is staged too. */
  readonly atCommit: number;
  readonly when: 'before' | 'after';
}

/** Counts commits and crashes at those planned. */
export interface CrashControl {
  wrap(storage: Storage): Storage;
  readonly commitCount: number;
  readonly hasCrashed: boolean;
}

export function createCrashControl(...plans: readonly CrashPlan[]): CrashControl {
  let commitCount = 0;
  let hasCrashed = false;
  return {
    wrap(storage) {
      let isDead = false;
      const write = <T>(how: 'commit' | 'stage', change: () => T): T => {
        if (isDead) throw new Error('this process is dead');
        commitCount += 1;
        const plan = plans.find(({ atCommit }) => atCommit === commitCount);
        if (plan === undefined) return storage[how](change);
        isDead = true;
        hasCrashed = true;
        if (plan.when === 'after') storage[how](change);
        throw new Error(`crash ${plan.when} commit ${plan.atCommit}`);
      };
      return {
        ...storage,
        commit: (change) => write('commit', change),
        stage: (change) => write('stage', change),
      };
    },
    get commitCount() {
      return commitCount;
    },
    get hasCrashed() {
      return hasCrashed;
    },
  };
}
