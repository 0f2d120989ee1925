/** What the processes of `./dev bench channels` are told, and answer. */

import type { Load } from './loads.ts';

/** A process of parties that connect to party 0, or party 0 itself. */
export interface Plan {
  /** Where the stores are. */
  readonly folder: string;
  /** Parties 1 to `payers` pay in their channels with party 0; those behind them, to `wallets`, are paid in by it. */
  readonly payers: number;
  readonly wallets: number;
  /** The numbers of those in this process. */
  readonly first: number;
  readonly last: number;
  /** Where party 0 listens; undefined for itself. */
  readonly url?: string;
}

/** What a process is asked. */
export type Order =
  /** To make so many invoices, in turns of its parties. */
  | { readonly does: 'invoice'; readonly count: number }
  /** To pay party 0 by its first party: `inFlight` at a time, or so many a second. */
  | { readonly does: 'pay'; readonly count: number; readonly inFlight: number; readonly perSecond?: number }
  /** To pay these invoices over party 0, in turns of its parties. */
  | { readonly does: 'payInvoices'; readonly texts: readonly string[]; readonly inFlight: number }
  /** How much CPU it has used, and what its parties have. */
  | { readonly does: 'look' }
  | { readonly does: 'stop' };

/** How a process is. */
export interface Look {
  readonly cpuSeconds: number;
  /** What its parties can spend together, base units. */
  readonly ours: string;
  /** HTLCs that are open. */
  readonly htlcs: number;
  readonly peakBytes: number;
}

/** What it answers. */
export interface Answers {
  readonly invoice: readonly string[];
  readonly pay: Load;
  /** `givenBack`: attempts that came back, each of which was followed by another one. */
  readonly payInvoices: Load & { readonly givenBack: number };
  readonly look: Look;
  readonly stop: null;
}
