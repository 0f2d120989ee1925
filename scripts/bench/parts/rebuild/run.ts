/** `quittance rebuild` in a process of its own, interrupted in the middle if need be. */

import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FinalChain } from './final-chain.ts';
import type { Usage } from './note-usage.ts';
import type { ProgressLine } from './result.ts';

const MAIN = fileURLToPath(new URL('../../../../cli/main.ts', import.meta.url));
const NOTE_USAGE = new URL('./note-usage.ts', import.meta.url).href;
const PROGRESS = /^(\d+) of \d+ batches$/;

export interface RebuildRun extends Usage {
  readonly code: number | null;
  readonly seconds: number;
  readonly progress: readonly ProgressLine[];
  /** The JSON on stdout; undefined when there is none. */
  readonly result: { readonly stateRoot: string; readonly replayedCount: number } | undefined;
}

/** Runs it to its end, or to an interruption after so many batches, with its progress in `file`. */
export async function runRebuild(
  { url, contract, block }: FinalChain,
  file: string,
  interruptAt?: number,
): Promise<RebuildRun> {
  const usageFile = `${file}.usage`;
  const started = performance.now();
  const flags = { '--l1-url': url, '--contract': contract, '--from-block': String(block), '--state': file };
  const child = spawn(
    process.execPath,
    ['--import', NOTE_USAGE, MAIN, 'rebuild', '--json', ...Object.entries(flags).flat()],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, QUITTANCE_BENCH_USAGE: usageFile },
    },
  );
  const progress: ProgressLine[] = [];
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    const done = PROGRESS.exec(line)?.[1];
    if (done === undefined) return console.error(line);
    progress.push({ atMs: performance.now(), done: Number(done) });
    if (interruptAt !== undefined && Number(done) >= interruptAt) child.kill('SIGINT');
  });
  const code = await new Promise<number | null>((settle, fail) => {
    child.once('error', fail);
    child.once('close', settle);
  });
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
  rmSync(usageFile);
  const seconds = (performance.now() - started) / 1_000;
  return { ...usage, code, seconds, progress, result: stdout === '' ? undefined : JSON.parse(stdout) };
}
