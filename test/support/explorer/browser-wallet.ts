/** A wallet extension for pages under test: announces itself by EIP-6963, signs with a key, and refuses when it is told to. */

import { getBytes, JsonRpcProvider, Network, Wallet } from 'ethers';
import type { Page } from 'playwright-core';

/** What the person at the wallet does with the next requests. */
export interface BrowserWallet {
  readonly address: string;
  /** Methods that it was asked, in their order. */
  readonly asked: readonly string[];
  /** The person refuses this method until told otherwise. */
  refuse(method: string | undefined): void;
  /** The person thinks about this method until `answer`. */
  hold(method: string): void;
  answer(): void;
  /** Changes the chain, and tells the page. */
  switchTo(chainId: number): Promise<void>;
  /** Changes to another key, and tells the page. */
  useKey(key: string): Promise<void>;
}

export interface BrowserWalletOptions {
  readonly key: string;
  /** L1. */
  readonly url: string;
  /** Of the node. */
  readonly chainId: bigint;
  /** The chain that it says it is on; the node's if not given. */
  readonly startsOn?: number;
  readonly name?: string;
  /** Whether it is not allowed to change the chain. */
  readonly isStubborn?: boolean;
}

/** An error as EIP-1193 has them, which survives the way into the page. */
interface Refusal {
  readonly failure: { readonly code: number; readonly message: string };
}

const refusal = (code: number, message: string): Refusal => ({ failure: { code, message } });

/** Runs in the page: announces a provider whose requests go to the process of the test. */
function announce(name: string): void {
  type Listener = (value: unknown) => void;
  const listeners = new Map<string, Set<Listener>>();
  const ask = (globalThis as unknown as { askWallet(method: string, params: unknown): Promise<unknown> }).askWallet;
  const provider = {
    async request({ method, params = [] }: { method: string; params?: unknown[] }) {
      const answer = (await ask(method, params)) as Partial<Refusal> & { readonly value?: unknown };
      if (answer.failure !== undefined) throw Object.assign(new Error(answer.failure.message), answer.failure);
      return answer.value;
    },
    on: (event: string, listener: Listener) => {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    removeListener: (event: string, listener: Listener) => void listeners.get(event)?.delete(listener),
  };
  Object.assign(globalThis, {
    tellPage: (event: string, value: unknown) => {
      for (const listener of listeners.get(event) ?? []) listener(value);
    },
  });
  const icon =
    'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>';
  const detail = Object.freeze({
    info: { uuid: crypto.randomUUID(), name, icon, rdns: `test.${name.toLowerCase()}` },
    provider,
  });
  const say = (): void => void dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
  addEventListener('eip6963:requestProvider', say);
  say();
}

/** Puts a wallet into a page; before the page goes anywhere. */
export async function installWallet(page: Page, options: BrowserWalletOptions): Promise<BrowserWallet> {
  const { url, name = 'Pocket', startsOn, isStubborn = false } = options;
  const network = Network.from(options.chainId);
  const node = new JsonRpcProvider(url, network, { staticNetwork: network, cacheTimeout: -1 });
  let wallet = new Wallet(options.key, node);
  let chainId = startsOn ?? Number(options.chainId);
  let refused: string | undefined;
  let held: string | undefined;
  let release: () => void = () => undefined;
  let released: Promise<void> = Promise.resolve();
  const asked: string[] = [];
  const tell = (event: string, value: unknown): Promise<void> =>
    page.evaluate(
      ([which, what]) => {
        (globalThis as unknown as { tellPage(event: unknown, value: unknown): void }).tellPage(which, what);
      },
      [event, value] as const,
    );
  const switchTo = async (next: number): Promise<void> => {
    chainId = next;
    await tell('chainChanged', `0x${next.toString(16)}`);
  };

  async function answerTo(method: string, params: readonly unknown[]): Promise<unknown> {
    switch (method) {
      case 'eth_accounts':
      case 'eth_requestAccounts':
        return [wallet.address.toLowerCase()];
      case 'eth_chainId':
        return `0x${chainId.toString(16)}`;
      case 'personal_sign':
        return wallet.signMessage(getBytes(String(params[0])));
      case 'wallet_switchEthereumChain': {
        if (isStubborn) return refusal(4902, 'this chain is unknown here');
        await switchTo(Number((params[0] as { chainId: string }).chainId));
        return null;
      }
      case 'eth_sendTransaction': {
        const { to, data = '0x', value = '0x0' } = params[0] as { to: string; data?: string; value?: string };
        return (await wallet.sendTransaction({ to, data, value: BigInt(value) })).hash;
      }
      default:
        return node.send(method, [...params]);
    }
  }

  await page.exposeFunction('askWallet', async (method: string, params: unknown[]): Promise<unknown> => {
    asked.push(method);
    if (method === held) await released;
    if (method === refused) return refusal(4001, 'User rejected the request.');
    try {
      const answer = await answerTo(method, params);
      return (answer as Partial<Refusal> | null)?.failure === undefined ? { value: answer } : answer;
    } catch (error) {
      const { message, info, data } = error as {
        message: string;
        info?: { error?: { data?: unknown } };
        data?: unknown;
      };
      return { failure: { code: -32000, message, data: data ?? info?.error?.data } };
    }
  });
  await page.addInitScript(announce, name);
  return {
    get address() {
      return wallet.address;
    },
    asked,
    refuse: (method) => {
      refused = method;
    },
    hold(method) {
      held = method;
      released = new Promise((resolve) => {
        release = resolve;
      });
    },
    answer() {
      held = undefined;
      release();
    },
    switchTo,
    async useKey(key) {
      wallet = new Wallet(key, node);
      await tell('accountsChanged', [wallet.address.toLowerCase()]);
    },
  };
}
