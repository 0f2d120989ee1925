/** The devnet of an installed package: `npx quittance devnet`, stopped and left alone as a test wants. */

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Ended, Machine } from './machine.ts';

/** What the first line of its output says, as far as tests read it. */
export interface DevnetPlace {
  readonly l1Url: string;
  readonly rpcUrl: string;
  readonly explorerUrl: string | null;
  readonly contract: string;
  readonly accounts: readonly { readonly address: string; readonly privateKey: string }[];
}

/** A devnet that runs. */
export interface InstalledDevnet {
  readonly place: DevnetPlace;
  /** Runs a program of the user with the place as its first parameter, and parses the line that it writes. */
  ask<T>(program: string, parameter?: string): Promise<T>;
  /** Ends it as SIGTERM does, and gives its exit code. Its L1 can be started again with what `l1State` holds. */
  stop(): Promise<number | null>;
  readonly l1State: string;
}

/** A call to the local L1. */
export async function callL1(url: string, method: string, ...params: unknown[]): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { error } = (await answer.json()) as { error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
}

function requireDone(program: string, { code, stdout, stderr }: Ended): string {
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  return stdout;
}

/** Starts it on free ports and waits for its first line. @throws Error with what it said when it ends before. */
export async function startInstalledDevnet(
  machine: Machine,
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<InstalledDevnet> {
  const state = join(folder, 'state');
  const free = ['--port', '0', '--l1-port', '0'];
  const parameters = ['node_modules/.bin/quittance', 'devnet', ...free, '--state', state, '--json'];
  const child = machine.start('node', parameters, folder, environment);
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    void ended.then((code) => reject(new Error(`the devnet ended with ${code}: ${said}`)));
  });
  const place = JSON.parse(line) as DevnetPlace;
  return {
    place,
    ask: async <T>(program: string, parameter = '') => {
      const result = await machine.run('node', [program, line, parameter], folder);
      return JSON.parse(requireDone(program, result)) as T;
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
    l1State: join(state, 'l1.json'),
  };
}
