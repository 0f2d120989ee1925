/** All channels of one party, where they are kept, and how the other parties are reached. */

import type { ChannelChange, ChannelFunds, RollupError } from '@quittance/protocol';
import type { ChannelMessage, ChannelRecord } from '../record.ts';
import type { KeptHtlc, KeptInvoice, KeptPayment } from './kept.ts';

/** What is written down of one channel. */
export interface ChannelWrite {
  /** Its vault. */
  readonly vault: string;
  readonly record: ChannelRecord;
  /** In the record's newest state from now on: the last that led to it. */
  readonly applied: readonly ChannelChange[];
  /**
   * Our copy was an old one, and the newest state is the other party's: changes of which we do not know whether they were made.
   * Undefined where it was not so.
   */
  readonly forgotten?: readonly ChannelChange[] | undefined;
  /** Unix seconds. */
  readonly at: number;
}

/** Where channels are kept. */
export interface ChannelStore {
  /** All channels, as they were written down last. */
  load(): Promise<readonly ChannelRecord[]>;
  /** All of it or nothing; durable when it resolves. @throws RollupError DISK_FULL or DATABASE_DAMAGED. */
  commit(writes: readonly ChannelWrite[]): Promise<void>;
  /** Forgets a channel in which nothing ever was. */
  remove(vault: string): Promise<void>;
  /**
   * The version with which a change of ours was made; undefined when it was not. A lock as long as it is kept (`htlcs`), and of one
   * that was released undefined: it can be locked again.
   */
  versionOf(vault: string, change: ChannelChange): Promise<number | undefined>;
  /** HTLCs that are open, and those that ended of which something is still to be done elsewhere. */
  htlcs(): Promise<readonly KeptHtlc[]>;
  /** Writes an invoice of our own down. @throws RollupError CHANNEL_CHANGE_REFUSED when its hash has one. */
  addInvoice(invoice: KeptInvoice): Promise<void>;
  /** Writes down that the secret of an invoice of ours is about to be shown on L1. */
  showInvoice(hash: string): Promise<void>;
  /** Those of these hashes that are invoices of ours. */
  invoices(hashes: readonly string[]): Promise<readonly KeptInvoice[]>;
  /** Writes a payment down that is begun, in the place of one with its hash that was not made. */
  putPayment(payment: KeptPayment): Promise<void>;
  payment(hash: string): Promise<KeptPayment | undefined>;
  /**
   * Forgets invoices that expired before then (Unix seconds) without having been paid, and payments that were begun before then and
   * not made; some of them at a time. Receipts are kept. @returns how many.
   */
  forget(before: number): Promise<number>;
}

/** What happens, for whoever listens: each once, after it was written down. */
export interface ExchangeListener {
  /** Both have signed these. */
  applied(vault: string, changes: readonly ChannelChange[]): void;
  /** Nothing can be written any more, and so nothing is signed or said. */
  failed(error: RollupError): void;
}

/** Whoever looks at all that happens, and throws nothing. */
export interface ExchangeWatcher {
  /** This is on disk now. */
  written(write: ChannelWrite): void;
  /** The other party of a channel came. */
  connected(vault: string): void;
  /** Nothing is taken any more. */
  ended(error: RollupError): void;
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
  /** One of them. */
  record(vault: string): ChannelRecord | undefined;
  /** Whether there is a line to the other party. */
  isConnected(vault: string): boolean;
  /** Whether the other party proposed what stands on more money than `setFunds` said: a look at the account is due. */
  isBehind(vault: string): boolean;
  /** @returns how to look no more. */
  watch(watcher: ExchangeWatcher): () => void;
  /** L1 has the secret of this hash since then (Unix seconds): HTLCs that expired later can be fulfilled still. */
  revealed(hash: string, at: number): void;
  /** A new channel, whose first state both signed. Resolves when it is written down. */
  add(record: ChannelRecord): Promise<void>;
  /** The other party of a channel is there. @returns what it says goes here, and how to say that the line is gone. */
  connect(vault: string, line: ChannelLine): { receive(message: ChannelMessage): void; end(): void };
  /**
   * Wants a change. Resolves with the version in which both signed it, also when that was long ago: a payment whenever it was, a
   * lock until the HTLC is ended.
   *
   * @throws RollupError NOT_FOUND, CHANNEL_CLOSED, CHANNEL_FUNDS_SHORT or CHANNEL_CHANGE_REFUSED.
   */
  want(vault: string, change: ChannelChange): Promise<number>;
  /**
   * Wants a change no more, if that can be: whoever waits for it gets CHANNEL_PEER_AWAY. What the other party knows of cannot be taken
   * back, and nothing happens. @throws RollupError NOT_FOUND.
   */
  withdraw(vault: string, change: ChannelChange): void;
  /**
   * How much of the account is final. Resolves when it is written down, and whatever is proposed and stands on it is signed.
   *
   * @throws RollupError NOT_FOUND, or as `ChannelSide.setFunds`.
   */
  setFunds(vault: string, funds: ChannelFunds): Promise<void>;
  setClosing(vault: string): Promise<void>;
  /** Forgets a channel in which nothing ever was; what its other party says of it is heard no more. */
  remove(vault: string): Promise<void>;
  /** Ends once what came is written down and sent. */
  stop(): Promise<void>;
}
