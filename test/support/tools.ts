/** Tests that need a program which a machine may lack. Where it is missing they are not defined, and the run says so at its end. */

import { execFileSync } from 'node:child_process';
import { leaveOut } from './native.ts';

function hasTool(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `it` for one test that runs `tool`. */
export function itWithTool(tool: string, title: string, test: () => void | Promise<void>): void {
  if (hasTool(tool)) it(title, test);
  else leaveOut(`${title} (needs ${tool})`);
}
