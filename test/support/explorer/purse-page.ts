/** A page of the wallet, and what a person does on it. */

import { strict as assert } from 'node:assert';
import { BINARY_TYPE } from '@quittance/rpc';
import type { Page, Request } from 'playwright-core';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { openPage, type WatchedPage } from '../browser.ts';
import { until } from '../until.ts';
import { type BrowserWallet, type BrowserWalletOptions, installWallet } from './browser-wallet.ts';
import type { WalletScene } from './wallet-scene.ts';

/** How long a sentence may take to come, under load too. */
const SAYS_MS = 20_000;
/** How long a button may take to be there; only a failure takes as long. */
const ACTION_MS = 10_000;

export interface PursePage {
  readonly page: WatchedPage;
  readonly wallet: BrowserWallet;
  /** Presses a button. */
  press(name: string | RegExp): Promise<void>;
  /** Writes into a field. */
  fill(label: string, text: string): Promise<void>;
  choose(label: string, option: string): Promise<void>;
  /** Goes to a part of the wallet by its link. */
  view(name: string): Promise<void>;
  /** What the page shows. */
  text(): Promise<string>;
  /** Waits until the page says this. */
  says(text: string | RegExp): Promise<void>;
  /** Connects and derives. */
  open(): Promise<void>;
}

/** Runs in the page: storage is denied, as where a person blocks it. */
function denyStorage(): void {
  Object.defineProperty(globalThis, 'localStorage', {
    get() {
      throw new DOMException('denied', 'SecurityError');
    },
  });
}

/** Opens a page with a wallet in its browser. */
export async function openPurse(
  scene: { readonly l1: { readonly url: string }; readonly page?: WalletScene['page'] },
  person: Pick<BrowserWalletOptions, 'key'> & Partial<BrowserWalletOptions>,
  path = '/wallet',
  context: Parameters<typeof openPage>[0] & {
    readonly withL1?: boolean;
    readonly url?: string;
    readonly keepsNothing?: boolean;
  } = {},
): Promise<PursePage> {
  const { withL1 = false, url, keepsNothing = false, ...browserOptions } = context;
  const page = await openPage(browserOptions);
  page.setDefaultTimeout(ACTION_MS);
  const wallet = await installWallet(page, { url: scene.l1.url, chainId: LOCAL_CHAIN_ID, ...person });
  if (keepsNothing) await page.addInitScript(denyStorage);
  await page.goto(url ?? scene.page!(path, withL1));
  const main = page.locator('main');
  // What a person sees: blocks apart, what is hidden left out.
  // biome-ignore lint/performance/useDomNodeTextContent: textContent glues blocks together
  const text = async (): Promise<string> => (await main.innerText()).replace(/\s+/g, ' ');
  const purse: PursePage = {
    page,
    wallet,
    press: (name) => main.getByRole('button', { name }).first().click(),
    fill: (label, text) => main.getByLabel(label, { exact: true }).fill(text),
    choose: async (label, option) =>
      void (await main.getByLabel(label, { exact: true }).selectOption({ label: option })),
    view: (name) => main.getByRole('navigation', { name: 'Wallet' }).getByRole('link', { name, exact: true }).click(),
    text,
    says: (expected) =>
      until(
        async () => {
          const shown = await text();
          return typeof expected === 'string' ? shown.includes(expected) : expected.test(shown);
        },
        `the page saying ${expected}`,
        { explain: text, timeoutMs: SAYS_MS },
      ),
    async open() {
      await purse.press(person.name ?? 'Pocket');
      await purse.press('Sign and open');
      await main.getByRole('navigation', { name: 'Wallet' }).waitFor();
    },
  };
  return purse;
}

/** Ends a page; it must not have had faults. */
export async function closePurse({ page }: PursePage): Promise<void> {
  const { faults } = page;
  await page.close();
  assert.deepEqual(faults, []);
}

/** Answers every JSON-RPC call of a page to `url` in place of whoever is there. */
export async function answerAt(page: Page, url: string, answer: () => unknown): Promise<void> {
  const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
  await page.route(`${url}/**`, async (route) => {
    const call = (route.request().postDataJSON() ?? { id: null }) as
      | { readonly id: unknown }
      | readonly { id: unknown }[];
    const one = ({ id }: { readonly id: unknown }) => ({ jsonrpc: '2.0', id, result: answer() });
    await route.fulfill({ headers, json: Array.isArray(call) ? call.map(one) : one(call as { readonly id: unknown }) });
  });
}

/** Whether a request sends payments: those without a reference go as bytes, the others as JSON. */
async function isPayment(request: Request): Promise<boolean> {
  if ((await request.headerValue('content-type')) === BINARY_TYPE) return true;
  return (request.postData() ?? '').includes('rollup_sendTransfers');
}

/** A gateway before the sequencer refuses every payment of a page, which waits for nothing from now on. */
export async function refusePayments(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { setTimeout: wait } = globalThis;
    Object.assign(globalThis, { setTimeout: (run: () => void) => wait(run, 0) });
  });
  await page.route(
    (url) => url.pathname === '/',
    async (route) => {
      if (!(await isPayment(route.request()))) return route.fallback();
      const error = { code: -32005, message: 'limit exceeded' };
      await route.fulfill({ json: { jsonrpc: '2.0', id: null, error } });
    },
  );
}

/**
 * Takes the next payment of a page away: before it arrives, or its answer on the way back.
 *
 * @returns what resolves once it is lost.
 */
export async function losePayment(page: Page, lost: 'request' | 'answer'): Promise<{ readonly isLost: Promise<void> }> {
  let tell: () => void;
  const isLost = new Promise<void>((resolve) => {
    tell = resolve;
  });
  await page.route(
    (url) => url.pathname === '/',
    async (route) => {
      if (!(await isPayment(route.request()))) return route.fallback();
      if (lost === 'answer') await route.fetch();
      return tell(); // and nobody ever answers
    },
  );
  return { isLost };
}
