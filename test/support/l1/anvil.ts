/** anvil as a second L1 beside Hardhat's, in a child process on a free port. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY = fileURLToPath(new URL('../../../node_modules/.bin/anvil', import.meta.url));
/** The public development mnemonic: worthless anywhere else. */
export const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk';

export interface Anvil {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts anvil; each transaction makes a block. */
export async function startAnvil(): Promise<Anvil> {
  const child = spawn(BINARY, ['--port', '0', '--mnemonic', DEVELOPMENT_MNEMONIC], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /Listening on (\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    child.stdout.resume();
    return {
      url: `http://${address}`,
      async stop() {
        process.removeListener('exit', kill);
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      },
    };
  }
  throw new Error('anvil ended before it listened');
}
