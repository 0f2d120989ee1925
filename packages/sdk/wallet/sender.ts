/**
 * Sends the transfers of one account in their order, many at once, and each intent once: whatever may have been taken is
 * settled before anything is signed anew. Of several processes with one account, who comes second is refused for the nonce,
 * asks for the next one and signs again.
 */

import { asRollupError, isPassing, isRollupError, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson } from '@quittance/rpc';
import type { SendResult, SequencerClient } from '../client.ts';
import type { SignedTransfer } from '../sign.ts';
import { findTaken } from './taken.ts';
import { type Clock, createPauses } from './time.ts';
import { retryAfterMs, verdictOf } from './verdict.ts';

/** A payment that somebody wants. */
export interface Order {
  /** Signs it with this nonce. */
  readonly sign: (nonce: number) => SignedTransfer;
  /** Keeps what was signed, before it is sent. */
  readonly onSigned?: ((signed: SignedTransfer) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was taken. */
export interface Sent {
  readonly transfer: SignedTransfer;
  readonly acknowledged: AcknowledgedJson;
}

/** The transfers of one account. */
export interface Sender {
  /**
   * Resolves once the sequencer has it on disk.
   *
   * @throws RollupError TRANSFER_UNCERTAIN, what it was refused for, what `sign` or `onSigned` throws, or the signal's reason
   * while it is not sent.
   */
  send(order: Order): Promise<Sent>;
}

export interface SenderOptions {
  readonly client: Pick<SequencerClient, 'call' | 'sendAll'>;
  /** Index of the account. */
  readonly account: number;
  readonly clock: Clock;
  /** From 0 to 1: how processes that meet part again. */
  readonly random?: () => number;
}

/** An order on its way. */
interface Item extends Order {
  /** What may have been taken; undefined while that is certain not to be. */
  open: SignedTransfer | undefined;
  attempts: number;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/** Transfers that are signed and sent together. */
const MOST_AT_ONCE = 200;
/** Times that one order is sent before it is given up. */
const MOST_ATTEMPTS = 40;
/** Times that the nonce is asked for in vain: nothing is sent then, so nothing is uncertain. */
const MOST_ATTEMPTS_UNSENT = 5;
/** Pauses after what did not get through. */
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5_000;
/** How long signing keeps everybody else waiting. */
const SLICE_MS = 8;

function uncertain({ id, intent }: SignedTransfer, cause: unknown): RollupError<'TRANSFER_UNCERTAIN'> {
  const { nonce, validUntil } = intent;
  const message = `it is not known whether transfer ${id} was taken: ${(cause as Error).message}`;
  return new RollupError('TRANSFER_UNCERTAIN', message, { id: String(id), nonce, validUntil }, { cause });
}

type Pair = readonly [Item, SignedTransfer];

/** Pauses between attempts, from the first on. */
const newPauses = () => createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);

class AccountSender implements Sender {
  readonly #options: SenderOptions;
  #queue: Item[] = [];
  #isRunning = false;
  /** The next nonce, as far as it is known here. */
  #nextNonce: number | undefined;
  #pause = newPauses();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  send(order: Order): Promise<Sent> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...order, open: undefined, attempts: 0, resolve, reject });
      // What is sent in the same turn goes together.
      queueMicrotask(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#queue.length > 0) await this.#step().catch((error: unknown) => this.#failed(error));
    this.#isRunning = false;
  }

  /** Whatever may have been taken comes first; while there is some, nothing is signed. */
  async #step(): Promise<void> {
    const open = this.#queue.filter((item) => item.open !== undefined);
    if (open.length > 0) return this.#sendOpen(open);
    const pairs = await this.#signNext();
    return pairs.length > 0 ? this.#offer(pairs) : undefined;
  }

  /** Sends what may have been taken as it was: a transfer is included once. */
  async #sendOpen(open: readonly Item[]): Promise<void> {
    for (const item of open) {
      if (item.signal?.aborted !== true) continue;
      this.#leave(item).reject(uncertain(item.open!, new Error('the waiting was ended')));
    }
    const left = open.filter((item) => this.#queue.includes(item)).slice(0, MOST_AT_ONCE);
    for (const item of left) item.attempts += 1;
    if (left.length > 0) await this.#offer(left.map((item) => [item, item.open!]));
  }

  /** Signs what waits, with one nonce after the other. */
  async #signNext(): Promise<Pair[]> {
    const { clock } = this.#options;
    const first = this.#nextNonce ?? (await this.#askNonce());
    const pairs: Pair[] = [];
    let sliceEnd = clock.nowMs() + SLICE_MS;
    for (const item of this.#queue.slice(0, MOST_AT_ONCE)) {
      try {
        item.signal?.throwIfAborted();
        const transfer = item.sign(first + pairs.length);
        await item.onSigned?.(transfer);
        item.attempts += 1;
        pairs.push([item, transfer]);
      } catch (error) {
        this.#leave(item).reject(error);
      }
      if (clock.nowMs() < sliceEnd) continue;
      await new Promise((next) => setTimeout(next));
      sliceEnd = clock.nowMs() + SLICE_MS;
    }
    this.#nextNonce = first + pairs.length;
    return pairs;
  }

  /** Sends these, and waits before the next ones if some did not get through. */
  async #offer(pairs: readonly Pair[]): Promise<void> {
    const { client, clock, random = Math.random } = this.#options;
    let results: readonly SendResult[];
    try {
      results = await client.sendAll(pairs.map(([, transfer]) => transfer));
    } catch (thrown) {
      const error = asRollupError('sending transfers', thrown);
      results = pairs.map(() => ({ error }));
    }
    const waits = await Promise.all(pairs.map((pair, at) => this.#settle(pair, results[at]!)));
    if (results.some((result) => 'acknowledged' in result)) this.#pause = newPauses();
    const asked = waits.filter((wait) => wait !== undefined);
    if (asked.length > 0) await clock.sleep(Math.max(this.#pause() * (0.5 + random()), ...asked));
  }

  /** Decides what an answer means. @returns how long the server asks to wait, 0 if it does not say; undefined when all is said. */
  async #settle([item, transfer]: Pair, result: SendResult): Promise<number | undefined> {
    if ('acknowledged' in result) {
      this.#leave(item).resolve({ transfer, acknowledged: result.acknowledged });
      return undefined;
    }
    const { error } = result;
    this.#nextNonce = undefined;
    const verdict = verdictOf(error);
    if (verdict === 'refused') {
      this.#leave(item).reject(error);
      return undefined;
    }
    if (verdict === 'uncertain') item.open = transfer;
    if (verdict === 'another') item.open = undefined;
    if (verdict === 'nonce' && (await this.#isTaken(item, transfer, error))) return undefined;
    if (item.attempts >= MOST_ATTEMPTS) {
      this.#leave(item).reject(item.open === undefined ? error : uncertain(transfer, error));
      return undefined;
    }
    return retryAfterMs(error) ?? 0;
  }

  /** After a refusal for the nonce: whether it was taken before. If not, it is free to be signed anew, once that is certain. */
  async #isTaken(item: Item, transfer: SignedTransfer, error: RollupError): Promise<boolean> {
    try {
      const acknowledged = await findTaken(this.#options.client, String(transfer.id));
      if (acknowledged !== undefined) {
        this.#leave(item).resolve({ transfer, acknowledged });
        return true;
      }
      // The nonce of another transfer in its place is gone for good; one that lacks may come, and with it what was lost.
      if (error.code === 'NONCE_USED') item.open = undefined;
    } catch (thrown) {
      if (!isRollupError(thrown)) throw thrown;
      item.open = transfer; // nobody says whether it was taken
    }
    return false;
  }

  async #askNonce(): Promise<number> {
    const { client, account } = this.#options;
    const found = await client.call('rollup_getAccount', { index: account, tag: 'latest' });
    if (found !== null) return found.nonce;
    throw new RollupError('SENDER_EMPTY', `account ${account} does not exist`, { actual: account });
  }

  /** A failure before anything was sent, as of asking for the nonce: all that waits has it, after some attempts. */
  async #failed(error: unknown): Promise<void> {
    const { clock, random = Math.random } = this.#options;
    this.#nextNonce = undefined;
    for (const item of [...this.#queue]) {
      item.attempts += 1;
      const { signal, attempts, open } = item;
      if (open !== undefined) continue;
      if (signal?.aborted === true) this.#leave(item).reject(signal.reason);
      else if (!isPassing(error) || attempts >= MOST_ATTEMPTS_UNSENT) this.#leave(item).reject(error);
    }
    if (this.#queue.length > 0) await clock.sleep(this.#pause() * (0.5 + random()));
  }

  #leave(item: Item): Item {
    this.#queue = this.#queue.filter((one) => one !== item);
    return item;
  }
}

/** Sends for one account; two of these for one account, in one process or in several, get along. */
export function createSender(options: SenderOptions): Sender {
  return new AccountSender(options);
}
