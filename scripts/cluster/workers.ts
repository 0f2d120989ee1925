/** Provers of a cluster: `quittance prover start` in processes of their own, which look for whichever node leads. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LocalCluster } from './cluster.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const run = promisify(execFile);

/** Where the nodes of a cluster read who may prove. */
export const tokensFileIn = (folder: string): string => join(folder, 'provers.json');

export interface Workers {
  readonly count: number;
  stop(): Promise<void>;
}

/** Gives each worker a token, and starts it. */
export async function startWorkers({ folder, nodes, l1Url, deployed }: LocalCluster, count: number): Promise<Workers> {
  const children: ChildProcess[] = [];
  const urls = nodes.flatMap(({ proverUrl }) => proverUrl ?? []).join(',');
  for (let number = 1; number <= count; number++) {
    const name = `worker${number}`;
    const tokenFile = join(folder, `${name}.token`);
    const token = [
      'prover',
      'token',
      'add',
      '--prover-tokens',
      tokensFileIn(folder),
      '--name',
      name,
      '--out',
      tokenFile,
    ];
    await run(process.execPath, [MAIN, ...token]);
    const log = openSync(join(folder, `${name}.log`), 'a');
    const own = ['--url', urls, '--token-file', tokenFile, '--name', name];
    const place = ['--l1-url', l1Url, '--contract', deployed.contract, '--log-format', 'json'];
    children.push(
      spawn(process.execPath, [MAIN, 'prover', 'start', ...own, ...place], { stdio: ['ignore', log, log] }),
    );
    closeSync(log);
  }
  return {
    count,
    async stop() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
        await exited;
        clearTimeout(timer);
      }
    },
  };
}
