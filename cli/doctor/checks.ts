/** Checks of this machine: each says what it found, and what to do about it. */

import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { nativeUnavailableReason } from '../../native/index.ts';
import { DEFAULT_BUILD_DIRECTORY } from '../../prover/index.ts';
import { CONTRACT_ARTIFACTS, IS_CHECKOUT, PACKAGE_ROOT } from '../paths.ts';

/** One line of the doctor. `advice` says what to do; a failed check must be mended, a warning may stay. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  readonly advice?: string;
}

/** The first that runs our TypeScript without a flag. */
const OLDEST_NODE = [22, 13] as const;
/** Circuits and keys of the standard profile, databases and the build of the native core. */
const ROOM_BYTES = 10 * 1024 ** 3;
const PROBE_MS = 10_000;
/** How what belongs to this program is made whole. */
const REPAIR = IS_CHECKOUT ? 'run ./dev build' : 'install the package again (npm install quittance)';

const run = promisify(execFile);

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isRecent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return isRecent
    ? { name: 'Node.js', state: 'ok', detail: version }
    : {
        name: 'Node.js',
        state: 'failed',
        detail: `${version} is too old`,
        advice: `install Node.js ${OLDEST_NODE.join('.')} or later from https://nodejs.org`,
      };
}

export function checkNative(reason: string | undefined = nativeUnavailableReason()): Finding {
  return reason === undefined
    ? { name: 'native core', state: 'ok', detail: 'loads' }
    : {
        name: 'native core',
        state: 'warning',
        detail: reason,
        advice: `${IS_CHECKOUT ? 'run ./dev build; ' : ''}without it everything runs on snarkjs, several times slower`,
      };
}

export async function checkCargo(): Promise<Finding> {
  try {
    const { stdout } = await run('cargo', ['--version'], { timeout: PROBE_MS });
    return { name: 'cargo', state: 'ok', detail: stdout.trim() };
  } catch {
    return {
      name: 'cargo',
      state: 'warning',
      detail: 'not found',
      advice: 'install Rust from https://rustup.rs to build the native core',
    };
  }
}

/** The folder itself, or the first above it that exists: one that is yet to be made will lie on the same disk. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

export async function checkDisk(wanted: string = DEFAULT_BUILD_DIRECTORY): Promise<Finding> {
  const folder = nearestFolder(wanted);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  return free >= ROOM_BYTES
    ? { name: 'disk', state: 'ok', detail }
    : { name: 'disk', state: 'warning', detail, advice: 'keep 10 GiB free: keys of the standard profile are large' };
}

/** Whether what this program depends on can be found from its folder, where or above which npm puts it. */
export function checkDependencies(folder: string = PACKAGE_ROOT): Finding {
  try {
    createRequire(join(folder, 'package.json')).resolve('ethers');
    return { name: 'dependencies', state: 'ok', detail: 'installed' };
  } catch {
    return { name: 'dependencies', state: 'failed', detail: 'not installed', advice: REPAIR };
  }
}

export function checkContracts(folder: string = CONTRACT_ARTIFACTS): Finding {
  return existsSync(join(folder, 'Rollup.sol', 'Rollup.json'))
    ? { name: 'contracts', state: 'ok', detail: 'compiled' }
    : {
        name: 'contracts',
        state: 'warning',
        detail: 'not compiled',
        advice: `${REPAIR} before \`quittance deploy\``,
      };
}

/** Profiles whose development key lies in the build folder, by the names of its folders. */
export function checkKeys(folder: string = join(DEFAULT_BUILD_DIRECTORY, 'keys')): Finding {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => /^(quick|standard)/.test(name)) : [];
  return found.length > 0
    ? { name: 'development keys', state: 'ok', detail: found.sort().join(', ') }
    : {
        name: 'development keys',
        state: 'warning',
        detail: 'none yet',
        advice: 'run `quittance setup --profile quick` (or standard); they are made when first needed',
      };
}
