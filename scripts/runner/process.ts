/** A process of the test runner: runs one file after the other as it is told, each with a mocha of its own. */

import { readFileSync } from 'node:fs';
import Mocha from 'mocha';
import { titlesLeftOut } from '../../test/support/native.ts';
import type { FileRequest, FileResult, TestFailure } from './protocol.ts';

const options = JSON.parse(readFileSync('.mocharc.json', 'utf8')) as Mocha.MochaOptions;

/** What a failed test threw, as text: mocha hands on whatever it was. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack } = error;
  return stack === undefined ? message : stack.includes(message) ? stack : `${message}\n${stack}`;
}

function run(mocha: Mocha): Promise<Pick<FileResult, 'passed' | 'failures' | 'skipped'>> {
  return new Promise((resolve) => {
    const failures: TestFailure[] = [];
    const skipped: string[] = [];
    const runner = mocha.run(() => resolve({ passed: runner.stats?.passes ?? 0, failures, skipped }));
    runner.on('pending', (test) => void skipped.push(test.fullTitle()));
    runner.on('fail', (test, error: unknown) => void failures.push({ title: test.fullTitle(), error: textOf(error) }));
  });
}

const UNCAUGHT = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Notes who listens for what nobody catches. @returns takes away whoever has come since: a mocha that has ended would hand it
 * on to that of the next file, and that one back to it, without end.
 */
function keepListeners(): () => void {
  const before = UNCAUGHT.map((name) => process.rawListeners(name));
  return () => {
    for (const [index, name] of UNCAUGHT.entries()) {
      for (const listener of process.rawListeners(name)) {
        if (!before[index]!.includes(listener)) process.removeListener(name, listener as () => void);
      }
    }
  };
}

/** Rejections that nobody caught since the last file: with us as with any program, they would have ended the process. */
const uncaught: TestFailure[] = [];
/** Those that were told: mocha tells again what it heard. */
const told = new WeakSet<object>();

// What a file left behind must not end the process under the next one: it fails whichever file it comes through.
process.on('unhandledRejection', (error, promise) => {
  if (told.has(promise)) return;
  told.add(promise);
  console.error('nobody catches:', error);
  uncaught.push({ title: 'a rejection that nobody catches', error: textOf(error) });
});

async function runFile({ file }: FileRequest): Promise<FileResult> {
  const restoreListeners = keepListeners();
  const leftOutBefore = titlesLeftOut.length;
  const startedAt = performance.now();
  const mocha = new Mocha(options);
  mocha.addFile(file);
  const outcome = await mocha.loadFilesAsync().then(
    () => run(mocha),
    (error: unknown) => {
      console.error(error);
      return { passed: 0, failures: [{ title: 'it cannot be loaded', error: textOf(error) }], skipped: [] };
    },
  );
  // Rejections of the last test are told between two turns of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  restoreListeners();
  return {
    ...{ file, ...outcome },
    failures: [...outcome.failures, ...uncaught.splice(0)],
    leftOut: titlesLeftOut.slice(leftOutBefore),
    milliseconds: performance.now() - startedAt,
    heapBytes: process.memoryUsage().heapUsed,
  };
}

process.on('message', (request: FileRequest) => {
  void runFile(request).then((result) => process.send!(result));
});
// The runner has ended, however it did.
process.on('disconnect', () => process.exit(1));
