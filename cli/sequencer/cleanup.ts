/** Undoes what was started, last first. */

import type { Logger } from '../../runtime/index.ts';

export interface Cleanup {
  add(name: string, step: () => unknown): void;
  /** Every step is tried; failures are logged. */
  run(): Promise<void>;
}

export function createCleanup(logger: Logger): Cleanup {
  const steps: { readonly name: string; readonly step: () => unknown }[] = [];
  return {
    add: (name, step) => void steps.push({ name, step }),
    async run() {
      for (let last = steps.pop(); last !== undefined; last = steps.pop()) {
        try {
          await last.step();
        } catch (error) {
          logger.error(`stopping ${last.name} failed`, { error });
        }
      }
    },
  };
}
