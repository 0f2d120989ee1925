/** One watch for payments: what it knows, what it learns from the history, and what it may tell of. */

import { isRollupError } from '@quittance/protocol';
import type { HistoryEntryJson } from '@quittance/rpc';
import { accountsOfOwner } from './accounts.ts';
import type { Connection } from './connection.ts';
import { readHistory } from './history.ts';
import type { Incoming } from './incoming.ts';
import { readReference } from './references.ts';
import { unreadableToken } from './tokens.ts';
import type { IncomingPayment, TokenInfo, TokenRef } from './types.ts';

/** What watching needs of a wallet. */
export interface Watched extends Pick<Connection, 'own' | 'clock' | 'closed' | 'options'> {
  readonly client: NonNullable<Connection['client']>;
  readonly tokens: { find(ref: TokenRef): Promise<TokenInfo> };
}

/** One watch: the accounts that are known, and what came. */
export interface Watch extends Watched {
  readonly signal: AbortSignal;
  readonly accounts: Set<number>;
  readonly incoming: Incoming;
}

/** The accounts of the wallet's own key; anybody can open others under its address. */
async function ownAccounts({ client, own }: Watched): Promise<number[]> {
  const found = await accountsOfOwner(client, own.owner);
  return found.filter(({ keyY }) => BigInt(keyY) === own.keyY).map(({ index }) => index);
}

/** Learns of accounts that are new. @returns those. */
export async function newAccounts(watch: Watch): Promise<number[]> {
  const { accounts } = watch;
  const fresh = (await ownAccounts(watch)).filter((index) => !accounts.has(index));
  for (const index of fresh) accounts.add(index);
  return fresh;
}

/** Reads what happened to these accounts, as far back as it is not told of. @returns whether anything of it was new. */
export async function catchUp({ client, incoming, signal }: Watch, accounts: Iterable<number>): Promise<boolean> {
  const { cursor: told, takenCount: asked } = incoming;
  let isNews = false;
  for (const account of accounts) {
    for await (const entry of readHistory(client, account, { signal })) {
      if (entry.sequence <= told) break;
      isNews = incoming.take(entry, asked) || isNews;
    }
  }
  return isNews;
}

/** The token of a payment. Anybody can register one that says nothing of itself: that keeps no other payment back. */
async function tokenOf({ tokens }: Watched, tokenId: number): Promise<TokenInfo> {
  try {
    return await tokens.find(tokenId);
  } catch (error) {
    if (isRollupError(error, 'NOT_FOUND')) return unreadableToken(tokenId, '');
    if (!isRollupError(error, 'TOKEN_UNSUITABLE')) throw error;
    const { token }: { readonly token?: string } = error.data; // what comes over RPC may be without it
    return unreadableToken(tokenId, token ?? '');
  }
}

async function toPayment(watch: Watched, entry: HistoryEntryJson): Promise<IncomingPayment> {
  const { sequence, id, status, from, to, tokenId, amount } = entry;
  const { bytes, text } = readReference(entry.reference);
  return {
    ...{ sequence, id, status, account: to!.index, amount: BigInt(amount!) },
    token: await tokenOf(watch, tokenId),
    from: from === null ? null : { index: from.index, owner: from.owner },
    reference: bytes,
    referenceText: text,
  };
}

/**
 * Tells of what is decided. A payment counts as told only when all of it is known and it is on its way to the caller: whatever
 * fails before, it is told of later.
 *
 * @param through place up to which all entries are known.
 */
export async function* tell(watch: Watch, through: number): AsyncGenerator<IncomingPayment, void, undefined> {
  const { incoming } = watch;
  for (const { entry, isPayment } of incoming.decided(through)) {
    const payment = isPayment ? await toPayment(watch, entry) : undefined;
    incoming.settle(entry.sequence);
    if (payment !== undefined) yield payment;
  }
}

/**
 * One look at the history. Accounts are read one after the other, and each may be paid behind our back: all that is known then
 * is what came before a place that was known before the first of them was read. A second reading gives what the first found.
 *
 * @param onNew told of accounts that are new.
 */
export async function* look(
  watch: Watch,
  onNew?: (accounts: readonly number[]) => Promise<void>,
): AsyncGenerator<IncomingPayment, void, undefined> {
  for (const isLast of [false, true]) {
    const through = watch.incoming.last;
    const fresh = await newAccounts(watch);
    if (fresh.length > 0) await onNew?.(fresh);
    await catchUp(watch, watch.accounts);
    yield* tell(watch, through);
    if (isLast || !watch.incoming.isReady) return;
  }
}

/** The last entry of each account. */
async function lastEntries(watched: Watched, signal: AbortSignal): Promise<Map<number, number>> {
  const last = new Map<number, number>();
  for (const index of await ownAccounts(watched)) {
    for await (const { sequence } of readHistory(watched.client, index, { signal })) {
      last.set(index, sequence);
      break;
    }
  }
  return last;
}

/**
 * Where a watch from now on begins: behind the last entry of all accounts, or at the first that came to one of them while the
 * others were read.
 */
export async function presentPlace(watched: Watched, signal: AbortSignal): Promise<number> {
  const last = await lastEntries(watched, signal);
  let place = Math.max(0, ...last.values()) + 1;
  for (const index of await ownAccounts(watched)) {
    for await (const { sequence } of readHistory(watched.client, index, { signal })) {
      if (sequence <= (last.get(index) ?? 0)) break;
      place = Math.min(place, sequence);
    }
  }
  return place;
}
