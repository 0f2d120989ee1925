/**
 * Pictures of every page of the explorer in light and dark, on a desktop and on a phone, in build/screenshots.
 * usage: node scripts/screenshots.ts [--url <sequencer>] [--l1 <node>]   (without a URL, of a sequencer with made-up payments)
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BatchPageJson, MethodName } from '@quittance/rpc';
import { createClient } from '@quittance/sdk';
import { PACKAGE_ROOT } from '../cli/paths.ts';
import { openBrowser, openPage, PHONE } from '../test/support/browser.ts';
import { createExplorerScene } from '../test/support/explorer/scene.ts';

const SIZES = { desktop: { viewport: { width: 1280, height: 900 } }, phone: PHONE } as const;
const COLOURS = ['light', 'dark'] as const;

const BATCHES = 24;
/** Between two batches, by the clock of the sequencer. */
const APART_MS = 25_000;

/** Batches of made-up payments, the last two still on their way. */
async function playScene() {
  const scene = await createExplorerScene();
  const { harness } = scene;
  for (let batch = 1; batch <= BATCHES; batch += 1) {
    const count = 1 + ((batch * batch) % 7);
    for (let payment = 0; payment < count; payment += 1) {
      await scene.pay(BigInt(batch + payment), `order ${batch}-${payment}`);
    }
    const isWaiting = batch > BATCHES - 2;
    if (batch === BATCHES - 1) harness.prover.hold();
    if (!isWaiting) await harness.settle();
    else await harness.sequencer.sealNow();
    await harness.clock.advance(isWaiting ? 5_000 : APART_MS);
  }
  await scene.pay(3n, 'coffee');
  return scene;
}

/** Paths of pages that have something to show. */
async function pathsOf(url: string): Promise<Readonly<Record<string, string>>> {
  const client = createClient({ url });
  const { batches } = (await client.call(
    'rollup_getBatches' as MethodName,
    { limit: 25 } as never,
  )) as unknown as BatchPageJson;
  const best = batches.find(({ transferCount, state }) => transferCount > 0 && state === 'final') ?? batches[0];
  const batch = await client.call('rollup_getBatch', { batch: best?.number ?? 'latest' });
  const id = batch.transfers[0];
  const transfer = id === undefined ? undefined : await client.call('rollup_getTransaction', { id });
  const account = transfer?.from ?? 0;
  const owner = (await client.call('rollup_getAccount', { index: account }))?.owner;
  return {
    overview: '/',
    batches: '/batches',
    batch: `/batch/${batch.header.number}`,
    ...(id === undefined ? {} : { transfer: `/tx/${id}` }),
    account: `/account/${account}`,
    ...(owner === undefined ? {} : { owner: `/owner/${owner}` }),
    search: `/search?q=${batch.header.number}`,
    'search-nothing': '/search?q=nothing',
    disputes: '/disputes',
    charts: '/charts',
    verify: `/verify/finalized?account=${account}`,
    wallet: '/wallet',
    channels: '/channels',
    leave: '/exit',
    connection: '/connection',
    missing: '/nowhere',
  };
}

const { values } = parseArgs({ options: { url: { type: 'string' }, l1: { type: 'string' } } });
const scene = values.url === undefined ? await playScene() : undefined;
const url = values.url ?? scene!.url;
const folder = join(PACKAGE_ROOT, 'build', 'screenshots');
mkdirSync(folder, { recursive: true });
const search = values.l1 === undefined ? '' : `?l1=${encodeURIComponent(values.l1)}`;
const paths = await pathsOf(url);
for (const [size, options] of Object.entries(SIZES)) {
  for (const colorScheme of COLOURS) {
    const page = await openPage({ ...options, colorScheme, deviceScaleFactor: 1 });
    // Made-up payments have a time of their own.
    if (scene !== undefined) await page.clock.install({ time: scene.harness.clock.nowMs() });
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${url}/explorer/${search}#${path}`);
      await page.reload();
      await page.locator('main h1').waitFor();
      await page.waitForFunction(() => document.querySelector('main .loading') === null);
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage: true });
    }
    if (page.faults.length > 0) console.error(`faults: ${page.faults.join('\n')}`);
    await page.close();
  }
}
console.log(folder);
await (await openBrowser()).close();
await scene?.close();
