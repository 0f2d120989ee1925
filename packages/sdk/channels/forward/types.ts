/** What passing payments on stands on, and what it offers. */

import type { Bytes32, ChannelHop, RollupError } from '@quittance/protocol';
import type { Clock } from '../../wallet/time.ts';
import type { ChannelStore, Exchange } from '../exchange/index.ts';
import type { ForwardPolicy } from './policy.ts';

/** Secrets on L1, as of its newest confirmed block. */
export interface SecretsOnL1 {
  /** Unix seconds of that block. */
  time(): Promise<number>;
  /** When the secret of a hash was shown; asked after `time`, of that block or a later one. */
  revealedAt(hash: Bytes32): Promise<number | undefined>;
  /** The secret that was shown. */
  secretOf(hash: Bytes32): Promise<Bytes32 | undefined>;
  /** Shows a secret. Resolves once that is in a block. */
  reveal(secret: Bytes32): Promise<void>;
}

export interface ForwarderOptions {
  readonly exchange: Exchange;
  readonly store: ChannelStore;
  readonly l1: SecretsOnL1;
  readonly clock: Pick<Clock, 'schedule'>;
  /** Unix seconds. */
  readonly now: () => number;
  /** For payments in a token. */
  readonly policy: (tokenId: number) => ForwardPolicy;
  /** Told of what failed and is tried again: L1 that does not answer, a change that was refused. */
  readonly onTrouble?: (error: RollupError) => void;
}

/** A payment of our own, as it leaves us. */
export interface OutgoingPayment {
  readonly hash: Bytes32;
  /** The channel that it leaves through. */
  readonly vault: string;
  /** Fees of hubs included. */
  readonly amount: bigint;
  readonly expiry: number;
  /** Empty when the other party of the channel is the payee. */
  readonly onward: readonly ChannelHop[];
  /** What it pays, as text. */
  readonly invoice: string;
}

/** Passes payments on, takes those that are for us, and makes our own. */
export interface Forwarder {
  /**
   * Pays, and resolves with the secret: the receipt. The same hash again is the same payment, be it after a restart.
   *
   * @throws RollupError CHANNEL_PAYMENT_FAILED with the reason when it came back or was never made: it can be tried again, by
   * another route too. CHANNEL_PAYMENT_UNCERTAIN when our copy of the channel was an old one: ask the payee. NOT_FOUND,
   * CHANNEL_PEER_AWAY, CHANNEL_CLOSED, CHANNEL_FUNDS_SHORT or CHANNEL_CHANGE_REFUSED when it cannot leave us.
   * SHUTTING_DOWN when this ends before it does.
   */
  pay(payment: OutgoingPayment): Promise<Bytes32>;
  /** Whether a payment with this hash is on its way, or was made. */
  isBegun(hash: Bytes32): Promise<boolean>;
  /** Looks at L1 and at what failed, as it does by itself every second. */
  tick(): Promise<void>;
  /** Resolves when all that came was looked at. */
  settled(): Promise<void>;
  stop(): void;
}
