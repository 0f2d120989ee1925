/**
 * Makes docs/images/explorer.png: the explorer of a devnet in which some people have just paid each other.
 * usage: ./dev build && node scripts/generate/readme-picture.ts
 */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWallet, type Wallet } from '@quittance/sdk';
import { startDevnet } from '@quittance/sdk/testing';
import { PACKAGE_ROOT } from '../../cli/paths.ts';
import { openBrowser, openPage } from '../../test/support/browser.ts';

const FILE = join(PACKAGE_ROOT, 'docs/images/explorer.png');
/** Of the picture: the README has to stay quick to load. */
const MAX_BYTES = 120_000;
const ROUNDS = 8;
/** About as long as the devnet collects a batch. */
const ROUND_MS = 9_000;
const ETHER = 10n ** 18n;

const devnet = await startDevnet({ command: [process.execPath, join(PACKAGE_ROOT, 'cli/main.ts')] });
const people: Wallet[] = [];
for (const { privateKey } of devnet.accounts.slice(0, 4)) {
  people.push(await createWallet({ secret: privateKey, rpcUrl: devnet.rpcUrl, l1: { url: devnet.l1Url } }));
}
for (let round = 0; round < ROUNDS; round += 1) {
  for (let payment = 0; payment <= (5 * round) % 7; payment += 1) {
    const [payer, receiver] = [people[payment % 4]!, people[(payment + 1) % 4]!];
    await payer.transfer({ to: receiver.receiver, amount: ETHER / 8n, reference: `order ${round}-${payment}` });
  }
  await sleep(ROUND_MS);
}
const page = await openPage({ viewport: { width: 1_200, height: 660 }, colorScheme: 'light', deviceScaleFactor: 1 });
await page.goto(`${devnet.explorerUrl}`);
await page.locator('main table tbody tr').nth(3).waitFor();
mkdirSync(join(PACKAGE_ROOT, 'docs/images'), { recursive: true });
await page.screenshot({ path: FILE });
for (const wallet of people) wallet.close();
await (await openBrowser()).close();
await devnet.stop();
const { size } = statSync(FILE);
if (size > MAX_BYTES) throw new Error(`${FILE} has ${size} bytes, and at most ${MAX_BYTES} may be kept`);
console.log(`${FILE}: ${size} bytes`);
