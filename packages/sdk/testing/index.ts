/** A devnet for tests of whoever builds on the rollup: L1, contracts, sequencer and people with money. Needs Node. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { RollupError } from '@quittance/protocol';

/** Somebody with ETH on L1 and an account in the rollup. */
export interface DevnetAccount {
  readonly address: string;
  /** Of L1: give it to `createWallet` as `secret`. */
  readonly privateKey: string;
  /** What payers are given. */
  readonly receiver: string;
}

/** A devnet that runs. */
export interface Devnet {
  readonly l1Url: string;
  readonly rpcUrl: string;
  /** Null where this version serves none. */
  readonly explorerUrl: string | null;
  /** Address of the rollup contract. */
  readonly contract: string;
  readonly chainId: number;
  readonly deploymentBlock: number;
  /** Address of the contract for assertions; null in mode zk. */
  readonly assertions: string | null;
  readonly tokens: readonly { tokenId: number; address: string; symbol: string; decimals: number }[];
  readonly accounts: readonly DevnetAccount[];
  /** Ends all of it. */
  stop(): Promise<void>;
}

/** How a devnet is started. */
export interface DevnetOptions {
  /** How batches become final; optimistic if not given. */
  readonly mode?: 'zk' | 'optimistic' | 'hybrid';
  /** Where the records of batches go; calldata if not given. */
  readonly data?: 'calldata' | 'blobs';
  /** Further arguments of `quittance devnet`. */
  readonly args?: readonly string[];
  /** The program and its first arguments; the package `quittance` that is installed beside the tests if not given. */
  readonly command?: readonly [string, ...string[]];
  /** How long it may take until payments can be made. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** What it says when it fails is shown up to here. */
const SHOWN_CHARACTERS = 4_000;

/** The command of the package `quittance` in the folder where the tests run. @throws RollupError CONFIG_INVALID. */
function installedCommand(): readonly [string, ...string[]] {
  const from = join(process.cwd(), 'tests.js');
  try {
    const manifest = createRequire(from).resolve('quittance/package.json');
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string | Record<string, string> };
    const path = join(dirname(manifest), typeof bin === 'string' ? bin : bin['quittance']!);
    if (existsSync(path)) return [process.execPath, path];
  } catch {
    // said below
  }
  const message = `the package quittance is not installed for ${from}: npm install --save-dev quittance, or give a command`;
  throw new RollupError('CONFIG_INVALID', message, { name: 'command' });
}

/** The first line of stdout, which says where everything is. @throws RollupError TIMEOUT, or CONFIG_INVALID when it ends before. */
async function firstLine(child: ChildProcess, timeoutMs: number): Promise<string> {
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-SHOWN_CHARACTERS);
  });
  const lines = createInterface({ input: child.stdout! });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new RollupError('TIMEOUT', `the devnet was not up after ${timeoutMs} ms: ${said}`, { timeoutMs }));
    }, timeoutMs);
    const end = (message: string): void => {
      clearTimeout(timer);
      reject(new RollupError('CONFIG_INVALID', `${message}: ${said}`, { name: 'devnet' }));
    };
    child.once('error', (error) => end(`the devnet cannot be started: ${error.message}`));
    child.once('close', (code) => end(`the devnet ended with ${code}`));
    lines.once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
  });
}

/** Ends the devnet, which ends what it has started. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  await closed;
}

/**
 * Starts a devnet on free ports and waits until payments can be made. It ends with the process that started it.
 *
 * @throws RollupError CONFIG_INVALID when it cannot be started, with what it said; TIMEOUT.
 * @example
 * const devnet = await startDevnet();
 * const wallet = await createWallet({ secret: devnet.accounts[0].privateKey, rpcUrl: devnet.rpcUrl, l1: { url: devnet.l1Url } });
 * // …
 * await devnet.stop();
 */
export async function startDevnet(options: DevnetOptions = {}): Promise<Devnet> {
  const { mode = 'optimistic', data = 'calldata', args = [], timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const [program, ...first] = options.command ?? installedCommand();
  const flags = ['devnet', '--json', '--port', '0', '--l1-port', '0', '--mode', mode, '--data', data, ...args];
  const child = spawn(program, [...first, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const endWithUs = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', endWithUs);
  try {
    const info = JSON.parse(await firstLine(child, timeoutMs)) as Omit<Devnet, 'stop'>;
    child.stdout!.resume();
    return {
      ...info,
      async stop() {
        process.removeListener('exit', endWithUs);
        await end(child);
      },
    };
  } catch (error) {
    process.removeListener('exit', endWithUs);
    await end(child);
    throw error;
  }
}
