/** A watcher as an operator runs it: a process of its own, with an L1 URL, the contract's address and a keystore. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import type { DeployedRollup } from '../../cli/devnet/deploy.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';

/** A running watcher. */
export interface WatcherProcess {
  /** @throws RollupError CANCELLED with what it wrote, when it ended. */
  requireRunning(): void;
  stop(): Promise<void>;
}

/** Most lines of its log that are kept for an error. */
const KEPT_LINES = 20;

/** What a watcher looks at. */
export interface Watched {
  readonly l1Url: string;
  readonly deployed: Pick<DeployedRollup, 'contract' | 'block'>;
}

/** `quittance watch --mode …` for the L1 account at this position. */
export function startWatcher(
  { l1Url, deployed }: Watched,
  position: number,
  mode: 'challenge' | 'defend',
): WatcherProcess {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-watcher-'));
  const key = join(folder, 'watcher.key');
  writeFileSync(key, l1Wallet(position).privateKey, { mode: 0o600 });
  const settings = {
    '--mode': mode,
    '--l1-url': l1Url,
    '--contract': deployed.contract,
    '--from-block': String(deployed.block),
    '--keystore': key,
    '--database': join(folder, 'watcher.db'),
    '--l1-poll-ms': '500',
    // anvil serves the blobs of its blocks as a beacon node does.
    '--blob-source': `beacon:${l1Url}`,
  };
  const child = spawn(process.execPath, ['cli/main.ts', 'watch', ...Object.entries(settings).flat()], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let lines: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines = [...lines, ...text.split('\n').filter((line) => line !== '')].slice(-KEPT_LINES);
  });
  let isStopping = false;
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  return {
    requireRunning() {
      if (isStopping || (child.exitCode === null && child.signalCode === null)) return;
      throw new RollupError('CANCELLED', `the watcher ended with code ${child.exitCode}:\n${lines.join('\n')}`, {
        code: child.exitCode,
      });
    },
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      await ended;
      process.off('exit', kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
