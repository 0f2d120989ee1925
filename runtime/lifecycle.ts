/** Starting in order, stopping in reverse, and finding out that something broke. */

import type { Logger } from './logger.ts';

/** A part of a process that runs between start and stop. */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  /** Ends work in progress cleanly. Called at most once, and only after start was called. */
  stop(): Promise<void>;
}

/** Runs services as one. */
export interface Lifecycle {
  /** Starts all in order. If one fails, those before it are stopped again and the error is thrown. */
  start(): Promise<void>;
  /** Stops all in reverse order; idempotent. Throws the first error after all were asked to stop. */
  stop(): Promise<void>;
}

/** A lifecycle over `services`. */
export function createLifecycle(services: readonly Service[], logger: Logger): Lifecycle {
  const started: Service[] = [];
  let stopping: Promise<void> | undefined;

  const stopAll = async (): Promise<void> => {
    let firstError: unknown;
    for (let service = started.pop(); service !== undefined; service = started.pop()) {
      try {
        await service.stop();
      } catch (error) {
        logger.error(`stopping ${service.name} failed`, { error });
        firstError ??= error;
      }
    }
    if (firstError !== undefined) throw firstError;
  };

  return {
    async start() {
      for (const service of services) {
        try {
          await service.start();
          started.push(service);
        } catch (error) {
          await stopAll().catch(() => undefined);
          throw error;
        }
      }
    },
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
