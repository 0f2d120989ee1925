/** Payments to a wallet as they come: over a subscription, and by reading the history where there is none. */

import { isPassing, isRollupError, RollupError } from '@quittance/protocol';
import { type HistoryEntryJson, MAX_ACCOUNTS } from '@quittance/rpc';
import { accountsOfOwner } from './accounts.ts';
import type { Connection } from './connection.ts';
import { readHistory } from './history.ts';
import { createIncoming, type Incoming } from './incoming.ts';
import { readReference } from './references.ts';
import { openSocket, type Subscriber } from './socket.ts';
import { createPauses } from './time.ts';
import type { IncomingPayment, TokenInfo, TokenRef, WatchOptions } from './types.ts';
import { createWake } from './wake.ts';

/** New accounts are looked for this often; a payment can open one. Also how often history is read without a subscription. */
const LOOK_MS = 2_000;
/** Events that come together are told of together. */
const GATHER_MS = 100;
/** Pauses between attempts to connect. */
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 10_000;
/** What watching needs of a wallet. */
export interface Watched extends Pick<Connection, 'own' | 'clock' | 'closed' | 'options'> {
  readonly client: NonNullable<Connection['client']>;
  readonly tokens: { find(ref: TokenRef): Promise<TokenInfo> };
}

/** One watch: the accounts that are known, and what came. */
interface Watch extends Watched {
  readonly signal: AbortSignal;
  readonly accounts: Set<number>;
  readonly incoming: Incoming;
}

async function toPayment({ tokens }: Watched, entry: HistoryEntryJson): Promise<IncomingPayment> {
  const { sequence, id, status, from, to, tokenId, amount } = entry;
  const { bytes, text } = readReference(entry.reference);
  return {
    ...{ sequence, id, status, account: to!.index, amount: BigInt(amount!) },
    token: await tokens.find(tokenId),
    from: from === null ? null : { index: from.index, owner: from.owner },
    reference: bytes,
    referenceText: text,
  };
}

/** Learns of accounts that are new. @returns those. */
async function newAccounts({ client, own, accounts }: Watch): Promise<number[]> {
  const found = await accountsOfOwner(client, own.owner);
  const fresh = found
    .filter(({ keyY, index }) => BigInt(keyY) === own.keyY && !accounts.has(index))
    .map(({ index }) => index);
  for (const index of fresh) accounts.add(index);
  return fresh;
}

/** Reads what happened to these accounts, as far back as it is not decided. */
async function catchUp({ client, incoming, signal }: Watch, accounts: Iterable<number>): Promise<void> {
  const decided = incoming.cursor;
  for (const account of accounts) {
    for await (const entry of readHistory(client, account, { signal })) {
      if (entry.sequence <= decided) break;
      incoming.take(entry);
    }
  }
}

/** What can be told of. Accounts that are new have their part in the order. */
async function* release(watch: Watch, onNew: (accounts: readonly number[]) => Promise<void>) {
  const fresh = await newAccounts(watch);
  if (fresh.length > 0) await onNew(fresh);
  for (const entry of watch.incoming.release()) yield await toPayment(watch, entry);
}

/** Subscribes to accounts. @param from first entry that is told again; only what is new if not given. */
async function subscribe(
  { incoming }: Watch,
  socket: Subscriber,
  accounts: readonly number[],
  wake: () => void,
  from?: number,
): Promise<void> {
  for (let first = 0; first < accounts.length; first += MAX_ACCOUNTS) {
    const some = accounts.slice(first, first + MAX_ACCOUNTS);
    const params = { topic: 'accounts', accounts: some, ...(from === undefined ? {} : { fromSequence: from }) };
    await socket.subscribe(params, (event) => {
      incoming.take(event as HistoryEntryJson);
      wake();
    });
  }
}

/** Tells of payments as long as the connection lasts. @throws RollupError RPC_UNREACHABLE once it has ended. */
async function* live(watch: Watch): AsyncGenerator<IncomingPayment, void, undefined> {
  const { signal, clock, incoming, accounts, options } = watch;
  const socket = await openSocket(options.rpcUrl!, signal);
  const wake = createWake(clock);
  let hasEnded = false;
  socket.ended.then(() => {
    hasEnded = true;
    wake.ring();
  });
  const onNew = async (fresh: readonly number[]): Promise<void> => {
    await subscribe(watch, socket, fresh, wake.ring);
    await catchUp(watch, fresh);
  };
  try {
    await newAccounts(watch);
    let lookedMs = clock.nowMs();
    const all = [...accounts];
    if (all.length <= MAX_ACCOUNTS) await subscribe(watch, socket, all, wake.ring, incoming.resumeAt);
    else await onNew(all);
    for (;;) {
      await wake.wait(LOOK_MS, signal);
      if (hasEnded) throw new RollupError('RPC_UNREACHABLE', 'the subscription has ended', { url: options.rpcUrl! });
      await clock.sleep(GATHER_MS, signal);
      if (!incoming.isReady && clock.nowMs() < lookedMs + LOOK_MS) continue;
      lookedMs = clock.nowMs();
      yield* release(watch, onNew);
    }
  } finally {
    socket.close();
  }
}

/** One look at the history. */
async function* look(watch: Watch): AsyncGenerator<IncomingPayment, void, undefined> {
  await newAccounts(watch);
  await catchUp(watch, watch.accounts);
  yield* release(watch, (fresh) => catchUp(watch, fresh));
}

/** Where a watch from now on begins: behind the last entry of each account. */
async function presentSequence(watched: Watched, signal: AbortSignal): Promise<number> {
  let last = 0;
  for (const { index } of await accountsOfOwner(watched.client, watched.own.owner)) {
    for await (const { sequence } of readHistory(watched.client, index, { signal })) {
      last = Math.max(last, sequence);
      break;
    }
  }
  return last;
}

/** Ends the watch, or says that it may go on: what passes is waited for. @returns whether subscriptions are of no use here. */
function afterFailure(error: unknown, signal: AbortSignal): boolean {
  signal.throwIfAborted();
  if (!isRollupError(error)) throw error;
  return !isPassing(error);
}

/**
 * Payments to the accounts of the wallet's key, in the order of the log, each once, when it has reached a stage. Accounts that
 * payments open meanwhile are watched too.
 *
 * @throws the reason of the signal or of closing the wallet; RollupError when the sequencer refuses to be read.
 */
export async function* watchPayments(
  watched: Watched,
  { fromSequence, stage = 'final', signal }: WatchOptions,
): AsyncGenerator<IncomingPayment, void, undefined> {
  const { clock, closed } = watched;
  const ended = signal === undefined ? closed.signal : AbortSignal.any([signal, closed.signal]);
  ended.throwIfAborted();
  const from = fromSequence ?? (await presentSequence(watched, ended)) + 1;
  const accounts = new Set<number>();
  const incoming = createIncoming(from, stage, (index) => accounts.has(index));
  const watch: Watch = { ...watched, signal: ended, accounts, incoming };
  let subscribes = true;
  let pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  for (;;) {
    try {
      if (subscribes) yield* live(watch);
    } catch (error) {
      if (afterFailure(error, ended)) subscribes = false;
    }
    try {
      yield* look(watch);
      pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
    } catch (error) {
      if (afterFailure(error, ended)) throw error;
    }
    await clock.sleep(subscribes ? pause() : LOOK_MS, ended);
  }
}
