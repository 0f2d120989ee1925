/**
 * Takes what comes in together, writes it down in one commit, and only then sends and tells. What comes while a commit runs is
 * taken next.
 */

import { asRollupError, type ChannelChange, RollupError } from '@quittance/protocol';
import { type ChannelMessage, type ChannelRecord, changeKey } from '../record.ts';
import { type ChannelSide, type Effects, MOST_ASKED } from '../side/index.ts';
import type { ChannelLine, ChannelStore, ChannelWrite, ExchangeListener, ExchangeWatcher } from './types.ts';
import type { Wishes } from './wishes.ts';

/** A channel in memory. */
export interface Open {
  readonly side: ChannelSide;
  line: ChannelLine | undefined;
}

/** What a turn came to in one channel. */
interface Outcome {
  record: ChannelRecord | undefined;
  readonly applied: ChannelChange[];
  /** Each for the line of when it was said. */
  readonly send: { readonly line: ChannelLine | undefined; readonly message: ChannelMessage }[];
  readonly refused: Effects['refused'][number][];
  /** Undefined unless our copy was an old one. */
  forgotten: readonly ChannelChange[] | undefined;
}

export interface TurnsOptions {
  readonly channels: ReadonlyMap<string, Open>;
  readonly store: ChannelStore;
  readonly wishes: Wishes;
  readonly listener: ExchangeListener;
  readonly watchers: ReadonlySet<ExchangeWatcher>;
  /** Unix seconds. */
  readonly now: () => number;
  /** See ExchangeOptions. */
  readonly gather: (() => Promise<void>) | undefined;
}

/** Turns of one exchange. */
export interface Turns {
  /** Why nothing is written any more. */
  readonly failure: RollupError | undefined;
  /** Whether a change is made in memory, and not written down yet. */
  isBeingMade(vault: string, key: string): boolean;
  /** What a side's call came to, for the next commit. */
  note(vault: string, effects: Effects): void;
  /** Resolves when what came so far is written down. @throws RollupError why it is not. */
  settled(): Promise<void>;
  /** Nothing is taken any more. */
  end(error: RollupError): void;
}

function uncertain(vault: string, change: ChannelChange): RollupError {
  const key = changeKey(change);
  const message =
    `our copy of the channel ${vault} was older than the other party's: whether “${key}” was made is not known here; ` +
    'ask the other party before it is wanted again';
  return new RollupError('CHANNEL_CHANGE_REFUSED', message, { reason: 'forgotten' });
}

const emptyOutcome = (): Outcome => ({ record: undefined, applied: [], send: [], refused: [], forgotten: undefined });

/** Asks that go together are one. */
function together(messages: readonly ChannelMessage[]): ChannelMessage[] {
  const joined: ChannelMessage[] = [];
  let changes: ChannelChange[] = [];
  for (const message of messages) {
    if (message.type !== 'ask') joined.push(message);
    else if (joined.at(-1)?.type === 'ask' && changes.length + message.changes.length <= MOST_ASKED) {
      changes.push(...message.changes);
    } else {
      changes = [...message.changes];
      joined.push({ type: 'ask', changes });
    }
  }
  return joined;
}

/** After the commit: those who wait here hear of it, then the other party. */
function tell({ channels, wishes, listener }: TurnsOptions, vault: string, outcome: Outcome): void {
  const { record, applied, send, refused, forgotten } = outcome;
  const line = channels.get(vault)?.line;
  const said = send.filter((one) => one.line === line).map(({ message }) => message);
  const version = record?.newest.state.version ?? 0;
  for (const change of applied) wishes.made(vault, changeKey(change), version);
  for (const { change, error } of refused) wishes.refuse(vault, changeKey(change), error);
  for (const change of forgotten ?? []) wishes.refuse(vault, changeKey(change), uncertain(vault, change));
  // Last: whoever waits here hears of it, whatever becomes of the line.
  if (said.length > 0) line?.send(together(said));
  if (applied.length > 0) listener.applied(vault, applied);
}

/** Turns over these channels. */
export function createTurns(options: TurnsOptions): Turns {
  const { channels, store, wishes, listener, gather } = options;
  const outcomes = new Map<string, Outcome>();
  const making = new Set<string>();
  let committing: Promise<void> | undefined;
  let failure: RollupError | undefined;

  const add = (vault: string, { record, applied, send, refused, forgotten }: Effects): void => {
    const outcome = outcomes.get(vault) ?? emptyOutcome();
    outcome.record = record ?? outcome.record;
    outcome.applied.push(...applied);
    const line = channels.get(vault)?.line;
    for (const message of send) outcome.send.push({ line, message });
    outcome.refused.push(...refused);
    if (forgotten !== undefined) outcome.forgotten = [...(outcome.forgotten ?? []), ...forgotten];
    outcomes.set(vault, outcome);
    for (const change of applied) making.add(`${vault} ${changeKey(change)}`);
  };

  const commit = async (): Promise<void> => {
    for (const vault of [...outcomes.keys()]) {
      const proposed = channels.get(vault)?.side.propose();
      if (proposed !== undefined) add(vault, proposed);
    }
    const taken = [...outcomes];
    outcomes.clear();
    const at = options.now();
    const writes: ChannelWrite[] = taken.flatMap(([vault, { record, applied, forgotten }]) =>
      record === undefined ? [] : [{ vault, record, applied, forgotten, at }],
    );
    if (writes.length > 0) await store.commit(writes);
    for (const watcher of options.watchers) for (const write of writes) watcher.written(write);
    for (const [vault, outcome] of taken) {
      for (const change of outcome.applied) making.delete(`${vault} ${changeKey(change)}`);
      try {
        tell(options, vault, outcome);
      } catch (error) {
        // One line that cannot be spoken over, or one listener, ends no other channel.
        channels.get(vault)?.line?.close(asRollupError('telling of a channel', error));
      }
    }
  };

  const run = async (): Promise<void> => {
    await Promise.resolve(); // whatever comes in this turn joins the first commit
    while (outcomes.size > 0 && failure === undefined) {
      await gather?.();
      await commit();
    }
  };

  const end = (error: RollupError): void => {
    if (failure !== undefined) return;
    failure = error;
    for (const { line } of channels.values()) line?.close(error);
    wishes.refuseAll(error);
    for (const watcher of options.watchers) watcher.ended(error);
  };

  const begin = (): void => {
    committing ??= run()
      .catch((error: unknown) => {
        const cause = asRollupError('a commit of channels', error);
        end(cause);
        listener.failed(cause);
      })
      .finally(() => {
        committing = undefined;
        if (outcomes.size > 0 && failure === undefined) begin();
      });
  };

  return {
    get failure() {
      return failure;
    },
    isBeingMade: (vault, key) => making.has(`${vault} ${key}`),
    note(vault, effects) {
      add(vault, effects);
      begin();
    },
    async settled() {
      while (committing !== undefined) await committing;
      if (failure !== undefined) throw failure;
    },
    end,
  };
}
