/** One of the processes that tests run in, seen from the runner. */

import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileRequest, FileResult } from './protocol.ts';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
const OUTPUT_FOLDER = 'build/test-output';

/** How a file went, with what it wrote unless that was shown at once. */
export interface LaneResult extends FileResult {
  readonly output: string;
}

/**
 * Runs files one at a time in a process that stays, since loading the sources takes longer than most files do. A
 * process that dies fails the file that it was at; the next file gets a new one.
 */
export class Lane {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #path: string;
  /** A file rather than a pipe: what a process wrote, and its children wrote, is all there when it answers. */
  readonly #output: number | undefined;
  #child: ChildProcess | undefined;

  /** `live` shows what tests write as they write it; else it is kept until the file has ended. */
  constructor(name: string, { live, environment }: { live: boolean; environment: NodeJS.ProcessEnv }) {
    this.#environment = environment;
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
          ...{ skipped: [], leftOut: [], milliseconds: performance.now() - startedAt },
        });
      };
      child.on('message', onMessage).on('exit', onExit);
      child.send(request);
    });
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
