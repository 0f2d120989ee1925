/** `quittance devnet --detach`: the same command again in a process of its own, which stays when this one ends. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ERRORS, RollupError } from '@quittance/protocol';
import type { Sources } from '../config/resolve.ts';
import { environmentNameOf, flagOf } from '../config/setting.ts';
import { PROGRAM } from '../paths.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { banner, type DevnetInfo } from './banner.ts';
import { programName } from './program-name.ts';
import { forgetRunning, noteRunning, type RunningFiles, readRunning, runningFiles } from './running.ts';
import { DEVNET_SETTINGS, type DevnetValues } from './settings.ts';
import { notesOf } from './terms.ts';

const POLL_MS = 100;
/** Most of the log that an error shows. */
const SHOWN_CHARACTERS = 2_000;

/** The settings as flags, but for the one that brought us here. */
function flagsOf(values: DevnetValues): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (!(key in DEVNET_SETTINGS) || key === 'detach' || value === undefined || value === false) return [];
    return value === true ? [flagOf(key)] : [flagOf(key), String(value)];
  });
}

/** Starts it with its output in files, in a session of its own: it outlives the terminal. */
function launch(files: RunningFiles, flags: readonly string[], environment: Sources['environment']): ChildProcess {
  mkdirSync(files.folder, { recursive: true, mode: 0o700 });
  const [out, log] = [openSync(files.stdout, 'w', 0o600), openSync(files.log, 'w', 0o600)];
  try {
    return spawn(process.execPath, [PROGRAM, 'devnet', ...flags, '--json'], {
      detached: true,
      // Whoever asked for it in the environment or in a file means this process: the other one must not do the same.
      env: { ...environment, [environmentNameOf('detach')]: 'false' },
      stdio: ['ignore', out, log],
    });
  } finally {
    closeSync(out);
    closeSync(log);
  }
}

/** Why it ended: the error in its last line, as `--json` writes it, else all that it said. */
function reasonIn(log: string): Error {
  const last = log.trim().split('\n').at(-1) ?? '';
  try {
    const { error } = JSON.parse(last) as { error: { code: string; message: string } };
    if (error.code === 'USAGE') return new UsageError(error.message);
    if (error.code in ERRORS) return new RollupError(error.code as 'TIMEOUT', error.message, {} as never);
  } catch {
    // it was killed, or is no longer what we know
  }
  return new Error(`the devnet ended before it was up:\n${log.trim().slice(-SHOWN_CHARACTERS)}`);
}

/** What it says of itself once it is up. @throws its own error when it ended instead. */
async function untilUp(child: ChildProcess, files: RunningFiles, signal: AbortSignal): Promise<DevnetInfo> {
  for (;;) {
    const [line, rest] = readFileSync(files.stdout, 'utf8').split('\n', 2);
    if (rest !== undefined) return JSON.parse(line!) as DevnetInfo;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw reasonIn(readFileSync(files.log, 'utf8'));
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Starts a devnet in the background and ends when it is up. @throws UsageError when one runs there already. */
export async function runDetached({ output, signal, sources }: Context, values: DevnetValues): Promise<void> {
  const files = runningFiles(values.state);
  const other = readRunning(files);
  if (other !== undefined) {
    throw new UsageError(
      `a devnet runs already (process ${other.pid}${other.rpcUrl === undefined ? '' : `, ${other.rpcUrl}`}): ` +
        'stop it with `quittance devnet stop`, or give this one its own --state',
    );
  }
  const child = launch(files, flagsOf(values), sources.environment);
  try {
    noteRunning(files, { pid: child.pid! });
    const info = await untilUp(child, files, signal);
    noteRunning(files, { pid: child.pid!, rpcUrl: info.rpcUrl });
    child.unref();
    const program = programName(sources.environment, process.cwd());
    const stop = `${program} devnet stop${values.state === undefined ? '' : ` --state ${values.state}`}`;
    const notes = [...notesOf(values), `It runs in the background: ${stop} ends it, and ${files.log} has its log.`];
    output.result(info, () => banner(info, { program, isLying: values.lie, notes }));
  } catch (error) {
    child.kill('SIGTERM');
    forgetRunning(files);
    throw error;
  }
}
