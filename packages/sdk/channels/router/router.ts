/** Pays by the best way that is there, once a key, whatever happens on the way. Source: docs/channels.md, Router. */

import { isRollupError, RollupError } from '@quittance/protocol';
import { orAborted } from '../../wallet/time.ts';
import { isUnderWay, payInChannel } from './channel-way.ts';
import { chooseWay, impossible } from './choose.ts';
import { decodeEntry, encodeEntry, type Step } from './entry.ts';
import { isSameOrder, type Order, readOrder } from './order.ts';
import { isFinalWanted, survey } from './quotes.ts';
import { resumeOnRollup, type Taken } from './rollup-way.ts';
import type { RoutedPayment, Router, RouterChannels, RouterOptions, Way, Why } from './types.ts';

/** Characters of a key. */
const MOST_KEY = 128;

function requireKey(key: string): void {
  if (key.length >= 1 && key.length <= MOST_KEY) return;
  const message = `an idempotency key has 1 to ${MOST_KEY} characters, not ${key.length}`;
  throw new RollupError('WRONG_LENGTH', message, {
    ...{ name: 'idempotencyKey', expected: `1 to ${MOST_KEY}`, actual: key.length },
  });
}

const textOf = ({ receiver, invoice, amount, tokenId }: Order): string =>
  `${amount} of token ${tokenId} to ${[receiver, invoice].filter((payee) => payee !== undefined).join(' or ')}`;

/** @throws RollupError PAYMENT_KEY_REUSED when the key stands for another payment. */
function requireSame(key: string, known: Order, order: Order): void {
  if (isSameOrder(known, order)) return;
  const [expected, actual] = [textOf(known), textOf(order)];
  throw new RollupError(
    'PAYMENT_KEY_REUSED',
    `the key "${key}" is that of a payment of ${expected}, not of ${actual}`,
    {
      ...{ key, expected, actual },
    },
  );
}

function uncertain(hash: string, reason: string): RollupError<'CHANNEL_PAYMENT_UNCERTAIN'> {
  const message = `it is not known whether the payee has the payment ${hash}: ${reason}. Ask the payee`;
  return new RollupError('CHANNEL_PAYMENT_UNCERTAIN', message, { hash, reason });
}

/** Payments in channels that were begun can only be followed with these channels. */
function requireChannels({ channels }: RouterOptions): RouterChannels {
  if (channels !== undefined) return channels;
  throw new RollupError('CONFIG_INVALID', 'a payment was begun in a channel, and the router has no channels', {});
}

/** One payment, from the step that the journal has to its end. */
class Payment {
  readonly #options: RouterOptions;
  readonly #key: string;
  readonly #order: Order;
  /** Ways that died since this was called. */
  readonly #failed = new Map<Way, Why>();
  #step: Step = { type: 'open' };

  constructor(options: RouterOptions, key: string, order: Order) {
    this.#options = options;
    this.#key = key;
    this.#order = order;
  }

  async run(urgent: boolean): Promise<RoutedPayment> {
    const { journal } = this.#options;
    const kept = await journal.load(this.#key);
    if (kept === undefined) await this.#put({ type: 'open' });
    else {
      const entry = decodeEntry(this.#key, kept);
      requireSame(this.#key, entry.order, this.#order);
      this.#step = entry.step;
    }
    for (;;) {
      const paid = await this.#go(this.#step, urgent);
      if (paid !== undefined) return paid;
    }
  }

  /** What is on its way first: another way begins only from `open`. @returns undefined when there is more to do. */
  #go(step: Step, urgent: boolean): Promise<RoutedPayment | undefined> {
    switch (step.type) {
      case 'open':
        return this.#begin(urgent);
      case 'channel':
        return this.#resumeInChannel(step);
      case 'rollup':
        return this.#resumeOnRollup(step);
      case 'paid':
        return Promise.resolve(step.paid);
    }
  }

  async #put(step: Step): Promise<void> {
    await this.#options.journal.put(this.#key, encodeEntry({ order: this.#order, step }));
    this.#step = step;
  }

  async #begin(urgent: boolean): Promise<RoutedPayment | undefined> {
    const { quotes, channel } = await survey(this.#options, this.#order);
    const chosen = chooseWay(quotes, { urgent, failed: this.#failed });
    if (chosen?.way === 'channel' && 'plan' in channel) {
      const { payment, fee } = channel.plan;
      const step = { type: 'channel', payment, fee } as const;
      await this.#put(step);
      return this.#follow(step);
    }
    if (chosen?.way === 'rollup') return this.#transfer(chosen.fee!);
    throw impossible(quotes, this.#failed);
  }

  /** A payment of the journal: one that never left is begun anew, for the time that there is now. */
  async #resumeInChannel(step: Extract<Step, { type: 'channel' }>): Promise<RoutedPayment | undefined> {
    const { payment, doubt } = step;
    const channels = requireChannels(this.#options);
    const receipt = (await channels.store.payment(payment.hash))?.receipt;
    if (receipt === undefined && doubt !== undefined) throw uncertain(payment.hash, doubt);
    if (await isUnderWay(channels, payment.hash)) return this.#follow(step);
    await this.#put({ type: 'open' });
    return undefined;
  }

  async #follow({ payment, fee }: Extract<Step, { type: 'channel' }>): Promise<RoutedPayment | undefined> {
    const outcome = await payInChannel(requireChannels(this.#options), payment);
    switch (outcome.type) {
      case 'paid':
        return this.#paid({ way: 'channel', secret: outcome.secret, fee, guarantee: 'BOTH_SIGNED' });
      case 'doubtful':
        await this.#put({ type: 'channel', payment, fee, doubt: outcome.reason });
        throw uncertain(payment.hash, outcome.reason);
      case 'dead':
        this.#failed.set('channel', outcome.why);
        await this.#put({ type: 'open' });
        return undefined;
    }
  }

  async #resumeOnRollup({ signed }: Extract<Step, { type: 'rollup' }>): Promise<RoutedPayment | undefined> {
    const taken = await resumeOnRollup(this.#options, signed);
    if (taken !== undefined) return this.#taken(taken);
    await this.#put({ type: 'open' });
    return undefined;
  }

  /** Nothing is sent before the journal has what was signed. */
  async #transfer(fee: bigint): Promise<RoutedPayment | undefined> {
    const { receiver, amount, tokenId } = this.#order;
    let isSigned = false;
    try {
      const handle = await this.#options.wallet.transfer({
        ...{ to: receiver!, amount, token: tokenId, fee },
        onSigned: (signed) => {
          isSigned = true;
          return this.#put({ type: 'rollup', signed });
        },
      });
      return await this.#taken(handle);
    } catch (error) {
      // Whoever has what was signed can still have it taken.
      if (isSigned || !isRollupError(error)) throw error;
      this.#failed.set('rollup', { code: error.code, message: error.message });
      return undefined;
    }
  }

  /** Until it is final, the journal keeps what was signed: it can be asked for, and sent again. */
  async #taken({ id, fee, final }: Taken): Promise<RoutedPayment> {
    const promised = { way: 'rollup', id, fee, guarantee: 'SEQUENCER_PROMISE' } as const;
    if (!isFinalWanted(this.#options, this.#order)) return promised;
    await final();
    return this.#paid({ ...promised, guarantee: 'FINAL_ON_L1' });
  }

  async #paid(paid: RoutedPayment): Promise<RoutedPayment> {
    await this.#put({ type: 'paid', paid });
    return paid;
  }
}

/**
 * A router over a wallet and, where there are some, channels.
 *
 * @example
 * const hubs = [{ address: hub, ...(await askTerms(party.peerOf(hub))) }];
 * const channels = { exchange: party.exchange, forwarder, store, contract, keys, hubs };
 * const { journal } = store; // of `openChannelStore`: beside the channels
 * const finalNonce = createFinalNonces({ client, reader });
 * const router = createRouter({ wallet, channels, journal, finalNonce, finalAbove: () => parseEther('100') });
 * const { way, fee } = await router.pay({ to: [receiver, invoice], amount: 5_000n, idempotencyKey: 'order 7' });
 */
export function createRouter(options: RouterOptions): Router {
  const { wallet } = options;
  const running = new Map<string, { readonly order: Order; readonly end: Promise<RoutedPayment> }>();

  /** One at a time for a key; who asks for the same again waits for the same. */
  function start(key: string, order: Order, urgent: boolean): Promise<RoutedPayment> {
    const found = running.get(key);
    if (found !== undefined) {
      requireSame(key, found.order, order);
      return found.end;
    }
    const end = new Payment(options, key, order).run(urgent).finally(() => running.delete(key));
    end.catch(() => undefined); // whoever waits hears of it, if anybody still does
    running.set(key, { order, end });
    return end;
  }

  return {
    async quote({ signal, ...order }) {
      const read = await readOrder(order, wallet, signal);
      return (await orAborted(survey(options, read), signal)).quotes;
    },
    async pay({ idempotencyKey, signal, urgent = false, ...order }) {
      signal?.throwIfAborted();
      requireKey(idempotencyKey);
      const read = await readOrder(order, wallet, signal);
      return orAborted(start(idempotencyKey, read, urgent), signal);
    },
  };
}
