/**
 * `./dev bench sdk [--json]`: how long a wallet takes to sign a transfer, in a page of Chromium and in Node, in one run: the
 * portable cryptography, which is all that a page has.
 */

import { parseArgs } from 'node:util';
import { bundleScript } from '../../explorer/build.ts';
import { openBrowser } from '../../test/support/browser.ts';
import { printResult } from './parts/options.ts';
import { signLine, signTimes } from './parts/sdk/result.ts';
import { signMany } from './parts/sdk/sign-many.ts';

const COUNT = 201;
/** Name of the script in the page. */
const NAME = 'signing';

async function signInPage(): Promise<number[]> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: await bundleScript('scripts/bench/parts/sdk/sign-many.ts', NAME) });
    return await page.evaluate(
      ([name, count]) =>
        (globalThis as unknown as Record<string, { signMany(count: number): number[] }>)[name]!.signMany(count),
      [NAME, COUNT] as const,
    );
  } finally {
    await browser.close();
  }
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const chromium = signTimes(await signInPage());
const node = signTimes(signMany(COUNT));
const ratio = chromium.medianMs / node.medianMs;
printResult({ chromium, node, ratio }, { name: 'sdk', json: values.json, save: false, slots: 0 }, [
  signLine('Chromium', chromium),
  signLine('Node', node),
  `a page takes ${ratio.toFixed(2)} times as long`,
]);
