/** The wallets of this browser, as they announce themselves. Source: EIP-6963. */

import { createStore } from 'mipd';
import type { Eip1193 } from './eip1193.ts';

/** A wallet that can be connected. */
export interface FoundWallet {
  /** Stable between visits: its reverse domain name. */
  readonly name: string;
  readonly rdns: string;
  /** data: URL of an image; undefined where the wallet gives something else. */
  readonly icon: string | undefined;
  readonly provider: Eip1193;
}

/** Names come from whatever extension announces itself: clamped, and shown as text only. */
const MAX_NAME = 40;

/** Icons are shown from data only: anything else would tell a third party who looks. */
function iconOf(icon: string): string | undefined {
  return /^data:image\/(?:png|jpeg|webp|gif|svg\+xml)[;,]/.test(icon) ? icon : undefined;
}

/** Tells `listener` of the wallets, at once and whenever one announces itself. @returns what ends that. */
export function watchWallets(listener: (wallets: readonly FoundWallet[]) => void): () => void {
  const store = createStore();
  const tell = (): void =>
    listener(
      store.getProviders().map(({ info, provider }) => ({
        name: info.name.slice(0, MAX_NAME),
        rdns: info.rdns,
        icon: iconOf(info.icon),
        provider: provider as Eip1193,
      })),
    );
  const stop = store.subscribe(tell);
  tell();
  return () => {
    stop();
    store.destroy();
  };
}
