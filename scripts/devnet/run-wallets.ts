/** Starts the wallets' process, hands it its plan and reads its report. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { RollupError } from '@quittance/protocol';
import type { WalletPlan, WalletReport } from './wallets.ts';

const PROGRAM = fileURLToPath(new URL('./wallets.ts', import.meta.url));
const SENT = /^sent (\d+)$/;

/** Runs a plan in a separate process. @param onSent hears how many transfers are acknowledged. */
export async function runWallets(plan: WalletPlan, onSent: (count: number) => void): Promise<WalletReport> {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'pipe'] });
  const troubles: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const sent = SENT.exec(line)?.[1];
    if (sent === undefined) troubles.push(line);
    else onSent(Number(sent));
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.end(JSON.stringify(plan));
  const output = await text(child.stdout);
  const code = await exited;
  if (code !== 0) throw new RollupError('CANCELLED', `the wallets failed:\n${troubles.join('\n')}`, { code });
  return JSON.parse(output) as WalletReport;
}
