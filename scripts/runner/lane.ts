/** One of the processes that tests run in, seen from the runner. */

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileRequest, FileResult } from './protocol.ts';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
const OUTPUT_FOLDER = 'build/test-output';
/** Modules, and what files leave behind, stay in a process: beyond this much the next file gets a new one. */
const MAX_HEAP_BYTES = 1_500_000_000;

/** How a file went, with what it wrote unless that was shown at once. */
export interface LaneResult extends FileResult {
  readonly output: string;
}

/**
 * Runs files one at a time in a process that stays, since loading the sources takes longer than most files do. A
 * process that dies fails the file that it was at; the next file gets a new one, as it does when one has grown large.
 */
export class Lane {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #path: string;
  readonly #maxHeapBytes: number;
  /** A file rather than a pipe: what a process wrote, and its children wrote, is all there when it answers. */
  readonly #output: number | undefined;
  #child: ChildProcess | undefined;

  /** `live` shows what tests write as they write it; else it is kept until the file has ended. */
  constructor(
    name: string,
    options: { readonly live: boolean; readonly environment: NodeJS.ProcessEnv; readonly maxHeapBytes?: number },
  ) {
    const { live, environment, maxHeapBytes = MAX_HEAP_BYTES } = options;
    this.#environment = environment;
    this.#maxHeapBytes = maxHeapBytes;
    this.#path = join(OUTPUT_FOLDER, `${process.pid}-${name}.log`);
    if (live) return;
    mkdirSync(OUTPUT_FOLDER, { recursive: true });
    this.#output = openSync(this.#path, 'a+');
  }

  /** Never rejects: a process that ends is a failure of the file. */
  async run(request: FileRequest): Promise<LaneResult> {
    this.#child ??= this.#start();
    const child = this.#child;
    const startedAt = performance.now();
    const result = await new Promise<FileResult>((resolve) => {
      const finish = (finished: FileResult) => {
        child.off('message', onMessage).off('exit', onExit);
        resolve(finished);
      };
      const onMessage = (message: unknown) => finish(message as FileResult);
      const onExit = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#child = undefined;
        const error = `its process ended with ${signal ?? `code ${code}`}; what it wrote is above`;
        finish({
          file: request.file,
          passed: 0,
          failures: [{ title: 'it ends the process that tests run in', error }],
          ...{ skipped: [], leftOut: [], milliseconds: performance.now() - startedAt, heapBytes: 0 },
        });
      };
      child.on('message', onMessage).on('exit', onExit);
      child.send(request);
    });
    if (result.heapBytes > this.#maxHeapBytes) {
      child.kill('SIGKILL');
      this.#child = undefined;
    }
    return { ...result, output: this.#takeOutput() };
  }

  /** Ends the process. */
  close(): void {
    this.#child?.kill('SIGKILL');
    if (this.#output === undefined) return;
    closeSync(this.#output);
    rmSync(this.#path, { force: true });
  }

  #start(): ChildProcess {
    const sink = this.#output ?? 'inherit';
    return fork(PROGRAM, [], { stdio: ['ignore', sink, sink, 'ipc'], env: this.#environment });
  }

  #takeOutput(): string {
    if (this.#output === undefined) return '';
    const text = readFileSync(this.#path, 'utf8');
    ftruncateSync(this.#output, 0);
    return text;
  }
}
