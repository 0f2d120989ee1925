/** All channels of one party, where they are kept, and how the other parties are reached. */

import type { ChannelChange, ChannelFunds, RollupError } from '@quittance/protocol';
import type { ChannelMessage, ChannelRecord } from '../record.ts';

/** What is written down of one channel. */
export interface ChannelWrite {
  /** Its vault. */
  readonly vault: string;
  readonly record: ChannelRecord;
  /** In the record's newest state from now on. */
  readonly applied: readonly ChannelChange[];
}

/** Where channels are kept. */
export interface ChannelStore {
  /** All channels, as they were written down last. */
  load(): Promise<readonly ChannelRecord[]>;
  /** All of it or nothing; durable when it resolves. @throws RollupError DISK_FULL or DATABASE_DAMAGED. */
  commit(writes: readonly ChannelWrite[]): Promise<void>;
  /** The version with which a change was made; undefined when it was not. */
  versionOf(vault: string, change: ChannelChange): Promise<number | undefined>;
}

/** What happens, for whoever listens: each once, after it was written down. */
export interface ExchangeListener {
  /** Both have signed these. */
  applied(vault: string, changes: readonly ChannelChange[]): void;
  /** Nothing can be written any more, and so nothing is signed or said. */
  failed(error: RollupError): void;
}

/** How messages of one channel reach the other party. */
export interface ChannelLine {
  send(messages: readonly ChannelMessage[]): void;
  /** The other party breaks the rules. */
  close(error: RollupError): void;
}

/** All channels of one party. */
export interface Exchange {
  readonly records: ReadonlyMap<string, ChannelRecord>;
  /** A new channel, whose first state both signed. Resolves when it is written down. */
  add(record: ChannelRecord): Promise<void>;
  /** The other party of a channel is there. @returns what it says goes here, and how to say that the line is gone. */
  connect(vault: string, line: ChannelLine): { receive(message: ChannelMessage): void; end(): void };
  /**
   * Wants a change. Resolves with the version in which both signed it, also when that was long ago.
   *
   * @throws RollupError NOT_FOUND, CHANNEL_CLOSED, CHANNEL_FUNDS_SHORT or CHANNEL_CHANGE_REFUSED.
   */
  want(vault: string, change: ChannelChange): Promise<number>;
  setFunds(vault: string, funds: ChannelFunds): Promise<void>;
  setClosing(vault: string): Promise<void>;
  /** Ends once what came is written down and sent. */
  stop(): Promise<void>;
}
