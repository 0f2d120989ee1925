/** A local L1: anvil in a child process on the loopback interface. It ends with its parent, however that ends. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { RollupError } from '@quittance/protocol';

/** Chain id of local chains; development keys are accepted on it. */
export const LOCAL_CHAIN_ID = 31_337n;

/** The public development mnemonic of anvil and Hardhat: worthless anywhere else. */
export const LOCAL_MNEMONIC = 'test test test test test test test test test test test junk';

const START_TIMEOUT_MS = 30_000;
/** Enough for anvil to write its state down. */
const STOP_TIMEOUT_MS = 10_000;
const DEFAULT_ACCOUNTS = 10;
const NPM_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Stands between us and anvil: its stdin closes when we end in whatever way, be it SIGKILL, and then it ends anvil, which is
 * asked first, so that it can keep its state. Given as text, since a program in a file has another path in a package.
 */
const GUARD = `
import { spawn } from 'node:child_process';
const [, program, ...parameters] = process.argv;
const child = spawn(program, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => { console.error(error.message); process.exit(127); });
child.on('exit', (code) => process.exit(code ?? 1));
const end = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), ${STOP_TIMEOUT_MS}).unref();
};
process.stdin.on('end', end).on('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
`;

export interface LocalChain {
  readonly url: string;
  /** Resolves when anvil ends without having been stopped. */
  readonly ended: Promise<void>;
  /** Resolves when anvil has ended and its state, if it keeps one, is written. */
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

/** anvil's program: that of its npm package for this machine, else whichever is on PATH. */
function findAnvil(): string {
  try {
    const beside = createRequire(createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json'));
    const suffix = process.platform === 'win32' ? '.exe' : '';
    const name = `${process.platform}-${NPM_ARCHITECTURES[process.arch] ?? process.arch}`;
    return beside.resolve(`@foundry-rs/anvil-${name}/bin/anvil${suffix}`);
  } catch {
    return 'anvil';
  }
}

/** How anvil makes blocks, and where. */
export interface AnvilOptions {
  /** Besides a block for each transaction, one after as many seconds: clocks on L1 go on when nobody does anything. */
  readonly blockSeconds?: number;
  /** How many accounts of the mnemonic have ETH; ten if not given, as anvil has it. */
  readonly accounts?: number;
  /** 0, a free one, if not given. */
  readonly port?: number;
  /** File from which the chain goes on, and into which it is written at the end; not kept if not given. */
  readonly stateFile?: string;
}

/**
 * Starts anvil. Each transaction makes a block.
 *
 * @throws RollupError TIMEOUT or L1_UNREACHABLE when it does not start.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<LocalChain> {
  const { blockSeconds, accounts = DEFAULT_ACCOUNTS, port = 0, stateFile } = options;
  const parameters = [
    ...['--port', String(port), '--chain-id', String(LOCAL_CHAIN_ID), '--mnemonic', LOCAL_MNEMONIC],
    ...['--accounts', String(accounts), '--balance', '1000000', '--no-request-size-limit'],
    ...(blockSeconds === undefined ? [] : ['--block-time', String(blockSeconds), '--mixed-mining']),
    ...(stateFile === undefined ? [] : ['--state', stateFile, '--preserve-historical-states']),
  ];
  // A process group of its own: a terminal's Ctrl-C is for us, who still need L1 to end cleanly.
  const child = spawn(process.execPath, ['--input-type=module', '-e', GUARD, '--', findAnvil(), ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  child.stdin.on('error', () => undefined); // it has ended already
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  try {
    const address = await listeningAddress(child);
    child.stdout.resume();
    return { url: `http://${address}`, ended: exited, stop };
  } catch (error) {
    child.stdin.end();
    throw error;
  }
}
