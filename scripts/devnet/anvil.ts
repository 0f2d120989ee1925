/** A local L1: anvil in a child process, on a free port of the loopback interface. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RollupError } from '@quittance/protocol';

/** Chain id of local chains; development keys are accepted on it. */
export const LOCAL_CHAIN_ID = 31_337n;

/** The public development mnemonic of anvil and Hardhat: worthless anywhere else. */
export const LOCAL_MNEMONIC = 'test test test test test test test test test test test junk';

const START_TIMEOUT_MS = 30_000;

export interface LocalChain {
  readonly url: string;
  stop(): Promise<void>;
}

/** What anvil prints once it accepts connections. */
const LISTENING = /Listening on (\S+)/;

async function listeningAddress(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new RollupError('L1_UNREACHABLE', `anvil ended with exit code ${code} at start`, { code })),
    );
    timeout.addEventListener('abort', () =>
      reject(
        new RollupError('TIMEOUT', `anvil did not start within ${START_TIMEOUT_MS} ms`, {
          timeoutMs: START_TIMEOUT_MS,
        }),
      ),
    );
  });
  const found = (async () => {
    for await (const line of lines) {
      const address = LISTENING.exec(line)?.[1];
      if (address !== undefined) return address;
    }
    throw new RollupError('L1_UNREACHABLE', 'anvil ended before it listened');
  })();
  return Promise.race([found, failed]);
}

/** How anvil makes blocks. */
export interface AnvilOptions {
  /** Besides a block for each transaction, one after as many seconds: clocks on L1 go on when nobody does anything. */
  readonly blockSeconds?: number;
}

/**
 * Starts anvil. Each transaction makes a block.
 *
 * @throws RollupError TIMEOUT or L1_UNREACHABLE when it does not start.
 */
export async function startAnvil({ blockSeconds }: AnvilOptions = {}): Promise<LocalChain> {
  const child = spawn(
    'node_modules/.bin/anvil',
    [
      '--port',
      '0',
      '--chain-id',
      String(LOCAL_CHAIN_ID),
      '--mnemonic',
      LOCAL_MNEMONIC,
      '--balance',
      '1000000',
      '--no-request-size-limit',
      ...(blockSeconds === undefined ? [] : ['--block-time', String(blockSeconds), '--mixed-mining']),
    ],
    // A process group of its own: the npm package starts anvil through a wrapper, and both must end.
    { stdio: ['ignore', 'pipe', 'inherit'], detached: true },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const signalGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended already
    }
  };
  const kill = () => signalGroup('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    signalGroup('SIGTERM');
    await exited;
    process.off('exit', kill);
  };
  try {
    const address = await listeningAddress(child);
    child.stdout!.resume();
    return { url: `http://${address}`, stop };
  } catch (error) {
    kill();
    throw error;
  }
}
