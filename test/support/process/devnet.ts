/** A devnet as a person runs it, in a process of its own. */

import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { DevnetInfo } from '../../../cli/devnet/banner.ts';
import { spawnCli } from './cli.ts';

/** A devnet that is up. */
export interface DevnetProcess {
  readonly child: ChildProcess;
  readonly info: DevnetInfo;
  /** What it has said so far. */
  said(): string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Any free ports, so that tests do not meet. */
export const FREE_PORTS = ['--port', '0', '--l1-port', '0'] as const;

/** Starts one with `--json` and waits for its first line. @throws Error with what it said when it ends before. */
export async function startDevnet(
  flags: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<DevnetProcess> {
  const child = spawnCli(['devnet', ...FREE_PORTS, ...flags, '--json'], { environment });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  const first = new Promise<string>((resolve) => createInterface({ input: child.stdout! }).once('line', resolve));
  const line = await Promise.race([
    first,
    ended.then((code) => {
      throw new Error(`the devnet ended with ${code}:\n${said}`);
    }),
  ]);
  return { child, info: JSON.parse(line) as DevnetInfo, said: () => said, ended };
}

/** Whether anything listens at a URL. */
export function answers(url: string): Promise<boolean> {
  return fetch(url, { method: 'POST', body: '{}' }).then(
    () => true,
    () => false,
  );
}
