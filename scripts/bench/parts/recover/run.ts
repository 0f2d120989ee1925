/** `quittance sequencer recover` and `copy` in processes of their own, as an operator runs them. */

import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Usage } from '../rebuild/note-usage.ts';
import type { RecoverRollup } from './rollup.ts';

const MAIN = fileURLToPath(new URL('../../../../cli/main.ts', import.meta.url));
const NOTE_USAGE = new URL('../rebuild/note-usage.ts', import.meta.url).href;
const PROGRESS = /^batch \d+ of \d+$/;

export interface CommandRun extends Usage {
  readonly code: number | null;
  readonly seconds: number;
  /** The JSON on stdout; undefined when there is none. */
  readonly result: Readonly<Record<string, unknown>> | undefined;
}

/** Runs a command below `quittance sequencer`. @param isInterrupted whether it is, at its first line of progress. */
export async function runCommand(
  { l1Url, contract, block }: RecoverRollup,
  [name, ...flags]: readonly [string, ...string[]],
  usageFile: string,
  isInterrupted = false,
): Promise<CommandRun> {
  const started = performance.now();
  const place = [
    '--l1-url',
    l1Url,
    '--contract',
    contract,
    ...(name === 'recover' ? ['--from-block', `${block}`] : []),
  ];
  const child = spawn(
    process.execPath,
    ['--import', NOTE_USAGE, MAIN, 'sequencer', name, '--json', ...place, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, QUITTANCE_BENCH_USAGE: usageFile } },
  );
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!PROGRESS.test(line)) return console.error(line);
    if (isInterrupted) child.kill('SIGINT');
  });
  const code = await new Promise<number | null>((settle, fail) => {
    child.once('error', fail);
    child.once('close', settle);
  });
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
  rmSync(usageFile);
  const seconds = (performance.now() - started) / 1_000;
  return { ...usage, code, seconds, result: stdout === '' ? undefined : JSON.parse(stdout) };
}
