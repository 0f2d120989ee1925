import { RollupError } from '@quittance/protocol';

/** Runs tasks one after the other; refuses more than `limit` that have not ended. */
export class TaskQueue {
  readonly #limit: number;
  #pending = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Tasks that run or wait. */
  get pending(): number {
    return this.#pending;
  }

  /** @throws RollupError QUEUE_FULL; whatever the task throws. */
  run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#pending >= this.#limit) {
      const message = `${this.#pending} tasks are waiting already, more than ${this.#limit} are not kept`;
      return Promise.reject(new RollupError('QUEUE_FULL', message, { limit: this.#limit, actual: this.#pending }));
    }
    this.#pending += 1;
    const result = this.#last.then(task).finally(() => {
      this.#pending -= 1;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all that was accepted has ended. */
  async drain(): Promise<void> {
    await this.#last;
  }
}
