/** What the router offers: ways of a payment with their price, and one call that pays once. */

import type { Bytes32, ErrorCode } from '@quittance/protocol';
import type { CallOptions, Receiver, TokenRef, Wallet } from '../../wallet/types.ts';
import type { ChannelStore } from '../exchange/index.ts';
import type { Payer, RouteHub } from '../invoice/index.ts';
import type { FinalNonce } from '../party/index.ts';

/** How money gets to a payee, in the order in which they are preferred; `certified` does not exist yet. */
export const WAYS = ['channel', 'certified', 'rollup'] as const;
export type Way = (typeof WAYS)[number];

/** How sure a payment is, in words. */
export const GUARANTEES = {
  BOTH_SIGNED: 'signed by both parties of the channel: final at once; the secret is the receipt',
  SEQUENCER_PROMISE: 'the promise of the sequencer, until it is final',
  COVERED: 'the promise of the sequencer, covered until it is final',
  FINAL_ON_L1: 'final on L1: nobody can take it back',
} as const;
export type Guarantee = keyof typeof GUARANTEES;

/**
 * Why a way is impossible: a code of an error, or
 *
 * - `NOT_AVAILABLE`: we do not have it;
 * - `NOT_OFFERED`: the payee does not offer it;
 * - `NO_CHANNEL`: no channel of ours leads to the payee.
 */
export type WhyCode = ErrorCode | 'NOT_AVAILABLE' | 'NOT_OFFERED' | 'NO_CHANNEL';

/** Why a way is impossible. */
export interface Why {
  readonly code: WhyCode;
  readonly message: string;
}

interface QuotedWay {
  readonly way: Way;
  /** Milliseconds until the guarantee holds, typically. */
  readonly latencyMs: number;
  readonly guarantee: Guarantee;
}

/** A way, and what it costs in base units of the token. */
export type WayQuote =
  | (QuotedWay & { readonly possible: true; readonly fee: bigint })
  | (QuotedWay & { readonly possible: false; readonly fee: bigint | undefined; readonly why: Why });

/** What is to be paid. */
export interface PaymentOrder {
  /** A receiver of the rollup, the invoice of a channel, or one of each where the payee offers both. */
  readonly to: Receiver | readonly Receiver[];
  /** Base units that the payee gets. */
  readonly amount: bigint;
  /** ETH if not given. */
  readonly token?: TokenRef;
  /** Takes a certified payment, where there is one, rather than the promise of the sequencer. */
  readonly urgent?: boolean;
}

/** @see Router.pay */
export interface PaymentRequest extends PaymentOrder {
  /** 1 to 128 characters: the same key is the same payment, now and after a crash. */
  readonly idempotencyKey: string;
  /** Ends the waiting, not the payment: the same key takes it up again. */
  readonly signal?: AbortSignal;
}

/** A payment that was made. */
export type RoutedPayment =
  | {
      readonly way: 'channel';
      /** The receipt: only the payee knew it. */
      readonly secret: Bytes32;
      /** Base units that the hubs kept. */
      readonly fee: bigint;
      readonly guarantee: 'BOTH_SIGNED';
    }
  | {
      readonly way: 'rollup';
      /** Id of the transfer: `wallet.handleOf` says how far it is. */
      readonly id: string;
      readonly fee: bigint;
      readonly guarantee: 'SEQUENCER_PROMISE' | 'FINAL_ON_L1';
    };

/**
 * Where payments are written down before each step. On the same disk as the channels, and restored together with them: a copy that
 * is older than what was paid knows nothing of that.
 */
export interface PaymentJournal {
  /** What was put last. */
  load(key: string): Promise<string | undefined>;
  /** In the place of what was there; durable when it resolves. */
  put(key: string, text: string): Promise<void>;
}

/** What the router uses of a wallet. */
export type RouterWallet = Pick<Wallet, 'token' | 'balance' | 'estimateFee' | 'transfer' | 'resume' | 'handleOf'>;

/** Channels of ours: `exchange` is that of the `ChannelParty`, `forwarder` and `store` are those that run over it. */
export interface RouterChannels extends Payer {
  readonly store: Pick<ChannelStore, 'payment'>;
  /** Hubs whose terms are known: those that we have channels with, and those of payees. */
  readonly hubs: readonly RouteHub[];
}

/** Typical milliseconds. */
export interface Latencies {
  /** Of a payment in a channel with the payee. */
  readonly channel: number;
  /** Of each hub on the way. */
  readonly hub: number;
  /** Until the sequencer promises a transfer. */
  readonly accepted: number;
  /** Until a transfer is final on L1: of the deployment, so it should be told. */
  readonly final: number;
}

export interface RouterOptions {
  readonly wallet: RouterWallet;
  /** Undefined where there are none. */
  readonly channels?: RouterChannels | undefined;
  readonly journal: PaymentJournal;
  /**
   * How far an account is in a final state, by its index and believed to nobody (`createFinalNonces`). Without it a transfer whose
   * time is over stays TRANSFER_UNCERTAIN: that nobody has it is the sequencer's word, which may have it executed all the same.
   */
  readonly finalNonce?: (index: number) => Promise<FinalNonce>;
  /** Base units of a token above which a payment on the rollup is waited for until it is final; never if not given. */
  readonly finalAbove?: (tokenId: number) => bigint | undefined;
  readonly latencies?: Partial<Latencies>;
}

/** Chooses how a payee is paid. */
export interface Router {
  /**
   * All ways, each with what it costs and how sure it is, or why it is impossible. Nothing is sent or signed.
   *
   * @throws RollupError OUT_OF_RANGE for an amount that is none, or more payees than one of each kind; NOT_FOUND for the address of
   * a token that nobody registered.
   * @example
   * for (const quote of await router.quote({ to: [receiver, invoice], amount: 5_000n })) {
   *   console.log(quote.way, quote.possible ? `${quote.fee} ${GUARANTEES[quote.guarantee]}` : quote.why.message);
   * }
   */
  quote(order: PaymentOrder & CallOptions): Promise<readonly WayQuote[]>;
  /**
   * Pays once: by a channel where one can, else certified where it is urgent and can be, else on the rollup; above `finalAbove`
   * resolves once it is final. Another way begins only when the one before is proven dead: never on a timeout, nor when a
   * connection is lost. After any error but PAYMENT_IMPOSSIBLE and PAYMENT_KEY_REUSED the payment may be on its way: call again with
   * the same key, never with another one.
   *
   * @throws RollupError PAYMENT_IMPOSSIBLE, which says of each way why: nothing was paid. PAYMENT_KEY_REUSED.
   * CHANNEL_PAYMENT_UNCERTAIN: only the payee knows. Of the rollup as `wallet.transfer` and `wallet.resume`, of a channel as
   * `Forwarder.pay`, of the journal what it throws; as `quote`, WRONG_LENGTH for a key, or the signal's reason.
   * @example
   * const paid = await router.pay({ to: [receiver, invoice], amount: 5_000n, idempotencyKey: 'order 7' });
   * if (paid.way === 'channel') console.log(`receipt ${paid.secret}`);
   * else console.log(`transfer ${paid.id}: ${GUARANTEES[paid.guarantee]}`);
   */
  pay(request: PaymentRequest): Promise<RoutedPayment>;
}
