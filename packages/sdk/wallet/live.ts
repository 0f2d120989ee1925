/** Payments over a subscription, for as long as its connection lasts and speaks. */

import { RollupError } from '@quittance/protocol';
import { type HistoryEntryJson, MAX_ACCOUNTS } from '@quittance/rpc';
import { openSocket, type Subscriber } from './socket.ts';
import type { IncomingPayment } from './types.ts';
import { createWake, type Wake } from './wake.ts';
import { catchUp, look, newAccounts, tell, type Watch } from './watching.ts';

/** New accounts are looked for this often; a payment can open one. Also how often history is read without a subscription. */
export const LOOK_MS = 2_000;
/** Events that come together are told of together. */
const GATHER_MS = 100;
/** A subscription that has said nothing for this long is compared with the history: a connection can end without a word. */
const SILENCE_MS = 30_000;

/** What a connection told. */
interface Heard {
  /** The last place. Entries come in their order: all before it are known. */
  through: number;
  count: number;
  /** When it said something last, or the history said that there was nothing to say. */
  atMs: number;
}

/** A watch with its connection. */
interface Live {
  readonly watch: Watch;
  readonly socket: Subscriber;
  readonly wake: Wake;
  readonly heard: Heard;
}

function ended({ options }: Watch, why: string): RollupError<'RPC_UNREACHABLE'> {
  return new RollupError('RPC_UNREACHABLE', why, { url: options.rpcUrl! });
}

/** Subscribes to accounts. @param from first entry that is told again; only what is new if not given. */
async function subscribe(live: Live, accounts: readonly number[], from?: number): Promise<void> {
  const { watch, socket, wake, heard } = live;
  for (let first = 0; first < accounts.length; first += MAX_ACCOUNTS) {
    const some = accounts.slice(first, first + MAX_ACCOUNTS);
    const params = { topic: 'accounts', accounts: some, ...(from === undefined ? {} : { fromSequence: from }) };
    await socket.subscribe(params, (event) => {
      const entry = event as HistoryEntryJson;
      watch.incoming.take(entry);
      heard.through = Math.max(heard.through, entry.sequence);
      heard.count += 1;
      heard.atMs = watch.clock.nowMs();
      wake.ring();
    });
  }
}

/** Watches accounts that are new: what comes, and then what came. */
async function join(live: Live, fresh: readonly number[]): Promise<void> {
  await subscribe(live, fresh);
  await catchUp(live.watch, fresh);
}

/** @throws RollupError RPC_UNREACHABLE when the history has what the connection does not tell of. */
async function requireVoice({ watch, heard }: Live): Promise<void> {
  const { clock, signal, accounts } = watch;
  if (clock.nowMs() < heard.atMs + SILENCE_MS) return;
  const { count } = heard;
  if (await catchUp(watch, accounts)) {
    await clock.sleep(LOOK_MS, signal);
    if (heard.count === count) throw ended(watch, 'the subscription has fallen silent');
  }
  heard.atMs = clock.nowMs();
}

/** Tells of what came. Accounts that are new have their part in the order. */
async function* release(live: Live): AsyncGenerator<IncomingPayment, void, undefined> {
  const { watch, heard } = live;
  const { through } = heard;
  const onNew = (fresh: readonly number[]): Promise<void> => join(live, fresh);
  const fresh = await newAccounts(watch);
  if (fresh.length > 0) await onNew(fresh);
  yield* tell(watch, through);
  // What only the history told of, as the payment that opened an account: nobody said what came before it.
  if (watch.incoming.isReady && watch.incoming.last > heard.through) yield* look(watch, onNew);
}

/** Subscribes to all accounts, from the first entry on that was not told of. */
async function begin(live: Live): Promise<void> {
  const { watch } = live;
  await newAccounts(watch);
  const all = [...watch.accounts];
  if (all.length <= MAX_ACCOUNTS) await subscribe(live, all, watch.incoming.cursor + 1);
  else await join(live, all);
}

/**
 * Tells of payments as long as the connection lasts.
 *
 * @throws RollupError RPC_UNREACHABLE once it has ended or fallen silent, or the signal's reason.
 */
export async function* live(watch: Watch): AsyncGenerator<IncomingPayment, void, undefined> {
  const { signal, clock, incoming, options } = watch;
  const socket = await openSocket(options.rpcUrl!, clock, signal);
  const wake = createWake(clock);
  const heard: Heard = { through: incoming.cursor, count: 0, atMs: clock.nowMs() };
  let hasEnded = false;
  socket.ended.then(() => {
    hasEnded = true;
    wake.ring();
  });
  const connected: Live = { watch, socket, wake, heard };
  try {
    await begin(connected);
    let lookedMs = clock.nowMs();
    for (;;) {
      await wake.wait(LOOK_MS, signal);
      if (hasEnded) throw ended(watch, 'the subscription has ended');
      await clock.sleep(GATHER_MS, signal);
      await requireVoice(connected);
      if (!incoming.isReady && clock.nowMs() < lookedMs + LOOK_MS) continue;
      lookedMs = clock.nowMs();
      yield* release(connected);
    }
  } finally {
    socket.close();
  }
}
