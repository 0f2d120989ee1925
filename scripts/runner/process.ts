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

async function runFile({ file }: FileRequest): Promise<FileResult> {
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
  // Its listeners for what nobody catches would hand that on to those of the next file, and these back to them, without end.
  mocha.dispose();
  return {
    ...{ file, ...outcome },
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
