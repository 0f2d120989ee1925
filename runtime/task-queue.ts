/** Runs tasks one after the other, and refuses more than it was made to hold. */

import { RollupError } from '@quittance/protocol';

/** One task at a time, in the order in which they were given. A task that fails does not stop the others. */
export interface TaskQueue {
  /** Tasks that run or wait. */
  readonly pending: number;
  /** What the task returns. @throws RollupError QUEUE_FULL without running it; else whatever the task throws. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Resolves when every task accepted so far has ended, however it ended. */
  drain(): Promise<void>;
}

/** An empty queue. @param limit Most tasks that may run or wait at once. */
export function createTaskQueue(limit: number): TaskQueue {
  let pending = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    get pending() {
      return pending;
    },
    run(task) {
      if (pending >= limit) {
        const message = `${pending} tasks run or wait already, and at most ${limit} may`;
        return Promise.reject(new RollupError('QUEUE_FULL', message, { limit, actual: pending }));
      }
      pending += 1;
      const result = last.then(task).finally(() => {
        pending -= 1;
      });
      last = result.catch(() => undefined);
      return result;
    },
    async drain() {
      await last;
    },
  };
}
