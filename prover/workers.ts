/** A pool of worker threads. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorData, RollupError } from '@quittance/protocol';

/** What a worker answers: the reply to one request, or why there is none. */
export type WorkerReply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: { code?: ErrorCode; message: string; data?: ErrorData } };

interface Task {
  readonly id: number;
  readonly request: unknown;
  readonly transfer: readonly ArrayBuffer[];
  readonly settle: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** Memory of one worker's JavaScript heap; WebAssembly memory comes on top and is bounded by what it is given. */
const WORKER_HEAP_MB = 1024;

/**
 * A fixed number of worker threads that answer requests one at a time. Requests wait in order; how many may wait is
 * the caller's to bound. A worker that dies fails its request and all later ones: whatever killed it would do so again.
 */
export class WorkerPool {
  readonly size: number;
  readonly #idle: Worker[] = [];
  readonly #workers: Worker[] = [];
  readonly #waiting: Task[] = [];
  readonly #running = new Map<Worker, Task>();
  #nextId = 0;
  #closed: Error | undefined;

  /** `script` is a module that calls `serve`; `workerData` is given to each worker. */
  constructor(script: URL, workerData: unknown, size: number = availableParallelism()) {
    this.size = size;
    for (let index = 0; index < size; index++) {
      const worker = new Worker(script, { workerData, resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB } });
      worker.unref();
      worker.on('message', (reply: WorkerReply) => this.#finish(worker, reply));
      worker.on('error', (error: Error) => this.#breakDown(error));
      worker.on('exit', (code) => this.#breakDown(new Error(`a worker thread ended with code ${code}`)));
      this.#workers.push(worker);
      this.#idle.push(worker);
    }
  }

  /** Whether a worker has died: the pool answers nothing any more. */
  get isBroken(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Sends a request to the next free worker.
   *
   * @throws what the worker threw, as RollupError where it was one; DataCloneError or RangeError for a request that
   * cannot be sent.
   */
  run<T>(request: unknown, transfer: readonly ArrayBuffer[] = []): Promise<T> {
    return new Promise<unknown>((settle, fail) => {
      if (this.#closed) return fail(this.#closed);
      this.#waiting.push({ id: this.#nextId++, request, transfer, settle, fail });
      this.#dispatch();
    }) as Promise<T>;
  }

  /** Ends all workers; requests that were not answered fail. */
  async close(): Promise<void> {
    this.#breakDown(new RollupError('CANCELLED', 'the worker pool was closed'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop()!;
      const task = this.#waiting.shift()!;
      this.#running.set(worker, task);
      worker.ref();
      try {
        worker.postMessage({ id: task.id, request: task.request }, task.transfer);
      } catch (error) {
        // A request that no message can carry (a symbol, lists within lists without end) is its caller's fault.
        this.#release(worker);
        task.fail(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #finish(worker: Worker, reply: WorkerReply): void {
    const task = this.#running.get(worker);
    if (!task || task.id !== reply.id) return;
    this.#release(worker);
    this.#dispatch();
    if ('value' in reply) {
      task.settle(reply.value);
      return;
    }
    const { code, message, data } = reply.failure;
    task.fail(code === undefined ? new Error(message) : new RollupError(code, message, data));
  }

  #release(worker: Worker): void {
    this.#running.delete(worker);
    worker.unref();
    this.#idle.push(worker);
  }

  #breakDown(error: Error): void {
    this.#closed ??= error;
    for (const task of [...this.#running.values(), ...this.#waiting.splice(0)]) task.fail(this.#closed);
    this.#running.clear();
    this.#idle.length = 0;
  }
}
