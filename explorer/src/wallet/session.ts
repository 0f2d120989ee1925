/** The wallet that is connected, from none to an open one; one for the page, whichever part of it is shown. */

import type { ConfigJson } from '@quittance/rpc';
import { createWallet, type SequencerClient, type TokenInfo, type Wallet } from '@quittance/sdk';
import { linked } from '../data/endpoints.ts';
import { keepPlace } from '../escape/place.ts';
import { createStore } from '../store.ts';
import { type Attempts, openAttempts } from './attempts.ts';
import { chainIdOf, type Eip1193 } from './connect/eip1193.ts';
import { type Asked, traced } from './connect/traced.ts';

/** A wallet that let us in. */
export interface Connection {
  /** As the wallet calls itself. */
  readonly name: string;
  readonly provider: Eip1193;
  readonly address: string;
  /** The chain that it is on, which can change at any time. */
  readonly chainId: bigint;
}

/** The rollup that a session is of. */
export interface RollupPlace {
  readonly rpcUrl: string;
  readonly client: SequencerClient;
  readonly config: ConfigJson;
  /** Where L1 is read; through the wallet if not given. */
  readonly l1Url: string | undefined;
}

/** All that the parts of an open wallet need. */
export interface Purse {
  readonly place: RollupPlace;
  readonly connection: Connection;
  readonly wallet: Wallet;
  readonly tokens: readonly TokenInfo[];
  readonly attempts: Attempts;
}

/** How far it is. */
export type Session =
  | { readonly phase: 'closed'; readonly note?: string; readonly error?: unknown }
  | { readonly phase: 'connecting'; readonly name: string }
  | { readonly phase: 'connected'; readonly connection: Connection; readonly error?: unknown }
  | { readonly phase: 'deriving'; readonly connection: Connection }
  | { readonly phase: 'open'; readonly purse: Purse };

/** The session of this page. */
export const session = createStore<Session>({ phase: 'closed' });

/** What the wallet asks the person at this moment. */
export const asked = createStore<Asked | undefined>(undefined);

/** Told the hash of each transaction that the wallet sent; set by whoever makes it send one. */
export const hashListener: { current: ((hash: string, request: Asked) => void) | undefined } = { current: undefined };

const trace = {
  asked: (request: Asked) => asked.set(request),
  answered(request: Asked, hash: string | undefined) {
    asked.set(undefined);
    if (hash !== undefined) hashListener.current?.(hash, request);
  },
  refused: () => asked.set(undefined),
};

let stopListening: () => void = () => undefined;

/** The session on another chain of its wallet. */
function onChain(now: Session, chainId: bigint): Session {
  if (now.phase === 'connected') return { phase: 'connected', connection: { ...now.connection, chainId } };
  if (now.phase !== 'open') return now;
  return { phase: 'open', purse: { ...now.purse, connection: { ...now.purse.connection, chainId } } };
}

/** Follows a wallet that changes account or chain under the page. */
function listen({ provider, address, name }: Connection): () => void {
  const accounts = (value: unknown): void => {
    const first = Array.isArray(value) ? String(value[0] ?? '') : '';
    if (first.toLowerCase() !== address.toLowerCase()) close(`${name} changed its account. Connect again to open it.`);
  };
  const chain = (value: unknown): void => session.set(onChain(session.get(), BigInt(String(value))));
  provider.on?.('accountsChanged', accounts);
  provider.on?.('chainChanged', chain);
  return () => {
    provider.removeListener?.('accountsChanged', accounts);
    provider.removeListener?.('chainChanged', chain);
  };
}

/** Asks a wallet to let this page in. What goes wrong is shown by the session. */
export async function connect(name: string, open: () => Promise<Eip1193>): Promise<void> {
  if (session.get().phase === 'connecting') return;
  session.set({ phase: 'connecting', name });
  try {
    const provider = traced(await open(), trace);
    const accounts = await provider.request({ method: 'eth_requestAccounts' });
    const address = Array.isArray(accounts) ? String(accounts[0] ?? '') : '';
    if (!/^0x[0-9a-fA-F]{40}$/.test(address)) throw new Error(`${name} gave this page no account: unlock it first`);
    const connection = { name, provider, address, chainId: await chainIdOf(provider) };
    stopListening();
    stopListening = listen(connection);
    session.set({ phase: 'connected', connection });
  } catch (error) {
    session.set({ phase: 'closed', error });
  }
}

/** Ends the session. @param note why, for people. */
export function close(note?: string): void {
  const now = session.get();
  if (now.phase === 'open') now.purse.wallet.close();
  stopListening();
  stopListening = () => undefined;
  asked.set(undefined);
  session.set(note === undefined ? { phase: 'closed' } : { phase: 'closed', note });
}

/** Asks the wallet for its chain again: not all of them tell of changes. */
export async function refreshChain(): Promise<void> {
  const now = session.get();
  if (now.phase !== 'connected' && now.phase !== 'open') return;
  const { provider } = now.phase === 'open' ? now.purse.connection : now.connection;
  const chainId = await chainIdOf(provider);
  if (session.get() === now) session.set(onChain(now, chainId));
}

/** Derives the rollup key by one signature and opens the wallet. @param rollupSecret instead, for contract accounts. */
export async function openPurse(place: RollupPlace, rollupSecret?: string): Promise<void> {
  const now = session.get();
  if (now.phase !== 'connected') return;
  const { connection } = now;
  session.set({ phase: 'deriving', connection });
  try {
    const wallet = await createWallet({
      signer: connection.provider,
      rpcUrl: place.rpcUrl,
      l1: {
        ...(place.l1Url === undefined ? { provider: connection.provider } : { url: place.l1Url }),
        contract: place.config.contract,
        fromBlock: place.config.deploymentBlock,
      },
      ...(rollupSecret === undefined ? {} : { rollupSecret }),
    });
    const tokens = await wallet.tokens();
    const attempts = openAttempts(`attempts.${wallet.domain}.${wallet.address.toLowerCase()}`);
    // What a sequencer says that a link named is not what this browser remembers.
    if (!linked.includes('rpc')) keepPlace(place.config.contract, place.config.deploymentBlock);
    session.set({ phase: 'open', purse: { place, connection, wallet, tokens, attempts } });
  } catch (error) {
    session.set({ phase: 'connected', connection, error });
  }
}
