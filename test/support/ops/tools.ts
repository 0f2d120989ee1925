/** Tests that need a program which not every machine has: without it they are left out, and the run lists them at its end. */

import { execFileSync, spawnSync } from 'node:child_process';
import { leaveOut } from '../native.ts';

/** Whether the program answers. */
function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `describe` for what runs `program`. */
export function describeWith(program: string, title: string, define: () => void): void {
  if (has(program)) describe(title, define);
  else leaveOut(`${title} (${program} is not installed)`);
}

/** `it` for one test that runs `program`. */
export function itWith(program: string, title: string, test: () => void | Promise<void>): void {
  if (has(program)) it(title, test);
  else leaveOut(`${title} (${program} is not installed)`);
}

/** Runs a program to its end, its output in one text. */
export function runTool(program: string, args: readonly string[], cwd?: string): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { code: status, text: `${stdout}${stderr}` };
}
