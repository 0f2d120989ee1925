/** A double of a sequencer that tells of payments: accounts and their histories, and a WebSocket that speaks when a test says so. */

import { RollupError } from '@quittance/protocol';
import type { HistoryEntryJson } from '@quittance/rpc';
import type { TokenInfo } from '@quittance/sdk';
import type { Clock } from '../../../packages/sdk/wallet/time.ts';
import type { Watched } from '../../../packages/sdk/wallet/watching.ts';

/** Whom the double pays. */
const OWN = { owner: 7n, keyY: 5n } as const;
const OWNER = `0x${'0'.repeat(39)}7`;

/** What happens to connections. */
export type Speech =
  /** They are made, subscriptions are answered, and `say` is heard. */
  | 'speaks'
  /** They are never made. */
  | 'never opens'
  /** Subscriptions are never answered. */
  | 'never answers';

/** A payment to account `index`, unless it is told otherwise. */
export function paymentTo(index: number, sequence: number, more: Partial<HistoryEntryJson> = {}): HistoryEntryJson {
  return {
    ...{ sequence, status: 'final', kind: 'transfer', id: String(sequence), operationId: null, receivedMs: 0 },
    ...{ from: { index: 90, owner: `0x${'9'.repeat(40)}`, keyY: '9' }, to: { index, owner: OWNER, keyY: '5' } },
    ...{ destination: null, tokenId: 0, amount: '5', fee: '0', batch: null, withdrawal: null, reference: null },
    ...{ reason: null },
    ...more,
  } as HistoryEntryJson;
}

export function createTellingServer(first: readonly number[]) {
  const histories = new Map<number, HistoryEntryJson[]>(first.map((index) => [index, []]));
  const sockets: Talking[] = [];
  let speech: Speech = 'speaks';
  let beforeRead: (account: number) => void = () => undefined;
  let beforeList: () => void = () => undefined;

  class Talking extends EventTarget {
    readonly url: string;
    isClosed = false;
    subscriptions = 0;

    constructor(url: string) {
      super();
      this.url = url;
      sockets.push(this);
      if (speech !== 'never opens') queueMicrotask(() => this.dispatchEvent(new Event('open')));
    }

    hear(message: object): void {
      this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }));
    }

    send(text: string): void {
      const { id } = JSON.parse(text) as { id: number };
      if (speech === 'never answers') return;
      this.subscriptions += 1;
      queueMicrotask(() => this.hear({ id, result: 'it' }));
    }

    /** As of a peer that is gone: nothing says that it is closed. */
    close(): void {
      this.isClosed = true;
    }
  }

  const client = {
    async call(method: string, params: { readonly account: number }) {
      if (method === 'rollup_getAccounts') {
        const accounts = [...histories.keys()];
        beforeList();
        return accounts.map((index) => ({ index, keyY: '5', tokenId: 0, owner: OWNER }));
      }
      if (method !== 'rollup_getHistory') throw new Error(`unexpected ${method}`);
      const entries = [...(histories.get(params.account) ?? [])].reverse();
      beforeRead(params.account);
      return { entries, next: null };
    },
  };
  return {
    /** Connections so far. */
    sockets,
    WebSocket: Talking as unknown as typeof WebSocket,
    set speech(next: Speech) {
      speech = next;
    },
    /** Called when an account was read, and before the answer is there. */
    set onRead(listener: (account: number) => void) {
      beforeRead = listener;
    },
    /** Called when the accounts were listed, and before the answer is there. */
    set onList(listener: () => void) {
      beforeList = listener;
    },
    /** Something happens to an account, which it opens if need be. */
    pay(entry: HistoryEntryJson): HistoryEntryJson {
      const { index } = entry.to!;
      histories.set(index, [...(histories.get(index) ?? []), entry]);
      return entry;
    },
    /** Tells of an entry on the last connection. */
    say(entry: HistoryEntryJson): void {
      sockets.at(-1)!.hear({ params: { subscription: 'it', result: entry } });
    },
    /** A wallet that watches here. @param find its tokens. */
    watched(clock: Clock, find: (tokenId: number) => Promise<TokenInfo> = tokenInfo): Watched {
      const watched = { client, clock, own: OWN, closed: new AbortController(), options: { rpcUrl: 'http://x' } };
      return { ...watched, tokens: { find } } as unknown as Watched;
    },
  };
}

/** A token of which everything is known. */
export async function tokenInfo(tokenId: number): Promise<TokenInfo> {
  return { tokenId, address: `0x${'0'.repeat(39)}${tokenId}`, symbol: 'TOK', decimals: 18 };
}

/** What L1 says of a token that says nothing of itself. */
export function unsuitable(token: string): RollupError {
  return new RollupError('TOKEN_UNSUITABLE', 'it does not say its decimals', { token, reason: 'it says nothing' });
}
