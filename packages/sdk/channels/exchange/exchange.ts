/** The channels of one party, over what is written down of them. */

import { asRollupError, type ChannelChange, isSameAddress, RollupError, secretHash } from '@quittance/protocol';
import { type ChannelRecord, changeKey } from '../record.ts';
import { type ChannelSide, createChannelSide, type Effects, type StateKeys } from '../side/index.ts';
import { createTurns, type Open, type Turns } from './turns.ts';
import type { ChannelLine, ChannelStore, Exchange, ExchangeListener, ExchangeWatcher } from './types.ts';
import { createWishes } from './wishes.ts';

export interface ExchangeOptions {
  readonly store: ChannelStore;
  readonly keys: StateKeys;
  readonly listener: ExchangeListener;
  /**
   * Resolves when what comes together was heard, and is written down in one commit; what comes in the same turn by default.
   * `setImmediate` where there are many connections.
   */
  readonly gather?: () => Promise<void>;
}

function unknown(vault: string): RollupError {
  return new RollupError('NOT_FOUND', `there is no channel with vault ${vault} here`, { actual: vault });
}

function known(vault: string): RollupError {
  const message = `there is a channel with vault ${vault} already; take another nonce`;
  return new RollupError('CHANNEL_CHANGE_REFUSED', message, { reason: 'known' });
}

/** Most hashes of which it is remembered when L1 had their secrets: more than HTLCs can be open with anybody. */
const MOST_REVEALED = 100_000;

/** When L1 had which secret, as far as we were told; the oldest are forgotten first. */
function createRevealed() {
  const times = new Map<string, number>();
  return {
    at: (hash: string): number | undefined => times.get(hash),
    add(hash: string, at: number): void {
      times.delete(hash);
      times.set(hash, at);
      for (const oldest of times.keys()) {
        if (times.size <= MOST_REVEALED) break;
        times.delete(oldest);
      }
    },
  };
}

const EMPTY: Effects = { applied: [], send: [], refused: [] };

/** @throws RollupError CHANNEL_PEER_WRONG unless both signed the newest state. */
function requireSigned({ vault, terms, newest }: ChannelRecord, keys: StateKeys): void {
  const hash = keys.hash(vault, newest.state);
  for (const [place, party] of (['a', 'b'] as const).entries()) {
    const signer = keys.recover(hash, newest.signatures[place]!);
    if (isSameAddress(signer, terms[party])) continue;
    const reason = `its first state is signed by ${signer}, not by ${terms[party]}`;
    throw new RollupError('CHANNEL_PEER_WRONG', `a channel cannot be added: ${reason}`, { reason });
  }
}

/** Whether the change ends an HTLC that is there now: one of before with the same hash is another one. */
function isOpen({ record }: ChannelSide, change: ChannelChange): boolean {
  if (change.type !== 'fulfill' && change.type !== 'release') return false;
  const hash = change.type === 'fulfill' ? secretHash(change.secret) : change.hash;
  return record.newest.state.htlcs.some((htlc) => htlc.hash === hash);
}

/** Takes what the other party says; ends the line when that breaks the rules. */
function hear(vault: string, open: Open, turns: Turns, take: (side: ChannelSide) => Effects): void {
  try {
    turns.note(vault, take(open.side));
  } catch (error) {
    const { line } = open;
    open.line = undefined;
    line?.close(asRollupError('a message of a channel', error));
  }
}

/** The other party of a channel is there. */
function attach(
  vault: string,
  open: Open,
  line: ChannelLine,
  turns: Turns,
  watchers: ReadonlySet<ExchangeWatcher>,
): ReturnType<Exchange['connect']> {
  open.line = line;
  // Behind a commit that runs: what it says must be on disk.
  turns.note(vault, { ...EMPTY, send: [open.side.begin()] });
  for (const watcher of watchers) watcher.connected(vault);
  return {
    receive(message) {
      if (open.line === line && turns.failure === undefined) {
        hear(vault, open, turns, (side) => side.receive(message));
      }
    },
    end() {
      if (open.line === line) open.line = undefined;
    },
  };
}

/** The exchange over what the store has. @throws RollupError as `ChannelStore.load`. */
export async function createExchange({ store, listener, gather, ...options }: ExchangeOptions): Promise<Exchange> {
  const revealed = createRevealed();
  const keys: StateKeys = { ...options.keys, revealedAt: revealed.at };
  const channels = new Map<string, Open>();
  for (const record of await store.load()) {
    channels.set(record.vault, { side: createChannelSide(record, keys), line: undefined });
  }
  const wishes = createWishes();
  const watchers = new Set<ExchangeWatcher>();
  const turns = createTurns({ channels, store, wishes, listener, watchers, now: () => keys.now(), gather });

  const openOf = (vault: string): Open => {
    if (turns.failure !== undefined) throw turns.failure;
    const open = channels.get(vault);
    if (open === undefined) throw unknown(vault);
    return open;
  };
  const change = async (vault: string, make: (side: ChannelSide) => Effects): Promise<void> => {
    turns.note(vault, make(openOf(vault).side));
    await turns.settled();
  };

  return {
    get records() {
      return new Map([...channels].map(([vault, { side }]) => [vault, side.record]));
    },
    record: (vault) => channels.get(vault)?.side.record,
    isConnected: (vault) => channels.get(vault)?.line !== undefined,
    isBehind: (vault) => channels.get(vault)?.side.isBehind === true,
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    revealed(hash, at) {
      if (turns.failure !== undefined || revealed.at(hash) === at) return;
      revealed.add(hash, at);
      for (const [vault, open] of channels) {
        const isThere = open.side.record.newest.state.htlcs.some((htlc) => htlc.hash === hash);
        if (isThere && open.line !== undefined) hear(vault, open, turns, (side) => side.reconsider());
      }
    },
    async add(record) {
      if (turns.failure !== undefined) throw turns.failure;
      const isKnown = [...channels.keys()].some((vault) => isSameAddress(vault, record.vault));
      if (isKnown) throw known(record.vault);
      requireSigned(record, keys);
      channels.set(record.vault, { side: createChannelSide(record, keys), line: undefined });
      turns.note(record.vault, { ...EMPTY, record });
      await turns.settled();
    },
    connect: (vault, line) => attach(vault, openOf(vault), line, turns, watchers),
    async want(vault, wanted) {
      const { side } = openOf(vault);
      const key = changeKey(wanted);
      // First, so that a change that is made while the store is asked is heard of, and not wanted again.
      const made = wishes.wait(vault, key);
      try {
        const version = isOpen(side, wanted) ? undefined : await store.versionOf(vault, wanted);
        if (version !== undefined) wishes.made(vault, key, version);
        else if (wishes.isAwaited(vault, key) && !turns.isBeingMade(vault, key)) turns.note(vault, side.want(wanted));
      } catch (error) {
        wishes.refuse(vault, key, asRollupError('a change of a channel', error));
      }
      return made;
    },
    withdraw: (vault, wanted) => turns.note(vault, openOf(vault).side.withdraw(wanted)),
    async remove(vault) {
      const open = openOf(vault);
      open.line = undefined;
      channels.delete(vault);
      await turns.settled();
      await store.remove(vault);
    },
    async setFunds(vault, funds) {
      const open = openOf(vault);
      turns.note(vault, open.side.setFunds(funds));
      if (open.side.isBehind && open.line !== undefined) hear(vault, open, turns, (side) => side.reconsider());
      await turns.settled();
    },
    setClosing: (vault) => change(vault, (side) => side.setClosing()),
    async stop() {
      await turns.settled().catch(() => undefined);
      turns.end(new RollupError('SHUTTING_DOWN', 'the channels are stopping; nothing is taken any more'));
    },
  };
}
