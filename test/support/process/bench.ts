/** `./dev bench <name>` as a process, its builds made before. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What a bench said. */
export interface BenchRun {
  readonly code: number | null;
  readonly stderr: string;
  /** The JSON object on the last line of stdout; empty when it printed none. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** Runs a bench with `--json`. */
export async function runBench(name: string, args: readonly string[]): Promise<BenchRun> {
  const program = fileURLToPath(new URL(`../../../scripts/bench/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, [program, '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [code, stdout, stderr] = await Promise.all([
    new Promise<number | null>((resolve) => child.once('close', resolve)),
    text(child.stdout),
    text(child.stderr),
  ]);
  const last = stdout.trimEnd().split('\n').at(-1);
  return { code, stderr, result: last === undefined || last === '' ? {} : JSON.parse(last) };
}
