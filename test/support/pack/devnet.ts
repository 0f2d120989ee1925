/** The devnet of an installed package: `npx quittance devnet`, stopped and left alone as a test wants. */

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
  ask<T>(program: string, ...parameters: string[]): Promise<T>;
  /** The sequencer does nothing any more, as if it had died; L1 goes on. */
  freeze(): void;
  stop(): Promise<number | null>;
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
export async function startInstalledDevnet(machine: Machine, folder: string): Promise<InstalledDevnet> {
  const parameters = ['node_modules/.bin/quittance', 'devnet', '--port', '0', '--l1-port', '0', '--json'];
  const child = machine.start('node', parameters, folder);
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
    ask: async <T>(program: string, ...more: string[]) => {
      const result = await machine.run('node', [program, line, ...more], folder);
      return JSON.parse(requireDone(program, result)) as T;
    },
    freeze: () => void child.kill('SIGSTOP'),
    async stop() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      return ended;
    },
  };
}
