/** Tests of the native core. Where it was left out on purpose they are not defined, and the run says so at its end. */

import { execFileSync } from 'node:child_process';
import { isNativeAvailable, nativeUnavailableReason } from '../../native/index.ts';

const leftOut: string[] = [];

/** Titles that this process left out since the machine has no native core; scripts/test.ts reports them. */
export const titlesLeftOut: readonly string[] = leftOut;

/** Notes that tests of this title are not defined here, because the machine lacks what the title names. */
export function leaveOut(title: string): void {
  leftOut.push(title);
}

/** Whether this machine has what builds the native core: cargo, and the C compiler that it links with. */
export function canBuildNative(): boolean {
  try {
    for (const tool of ['cargo', 'cc']) execFileSync(tool, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Defines what needs the addon. Only a machine that cannot have it does without; a broken build fails. */
function unlessLeftOut(title: string, define: () => void): void {
  if (isNativeAvailable()) define();
  else if (process.env['QUITTANCE_PORTABLE'] !== '1' && canBuildNative()) {
    throw new Error(`${title}: ${nativeUnavailableReason()}, though cargo and cc are here`);
  } else leftOut.push(title);
}

/** `describe` for tests of the native core. */
export function describeNative(title: string, define: (this: Mocha.Suite) => void): void {
  unlessLeftOut(title, () => describe(title, define));
}

/** `it` for one test of the native core. */
export function itNative(title: string, test: () => void | Promise<void>): void {
  unlessLeftOut(title, () => it(title, test));
}
