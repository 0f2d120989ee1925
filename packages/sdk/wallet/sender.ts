/**
 * Sends the transfers of one account in their order, many at once, and each intent once: what was signed is sent as it is until
 * it is acknowledged, refused, or proven dead, and only then signed anew. Of several processes with one account, who comes
 * second is refused for the nonce, finds the transfer that has it, and signs again. Of a nonce before it that lacks, another
 * payment that waits takes the place.
 */

import { asRollupError, isPassing, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson } from '@quittance/rpc';
import type { SendResult, SequencerClient } from '../client.ts';
import type { SignedTransfer } from '../sign.ts';
import type { FindOccupants } from './occupants.ts';
import { findTaken, orNobody, uncertain } from './taken.ts';
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
  /** Proves that nonces are used. */
  readonly findOccupants: FindOccupants;
  /** From 0 to 1: how processes that meet part again. */
  readonly random?: () => number;
}

/** An order on its way. */
interface Item extends Order {
  /** What was signed, while it can still be taken. */
  open: SignedTransfer | undefined;
  /** Whether an answer to it lacks: a refusal then says nothing of what came before. */
  isUnanswered: boolean;
  /** Whether a nonce before it lacked when it was sent last. */
  isInGap: boolean;
  /** Times that it was sent, or that its nonce was asked for in vain. */
  attempts: number;
  /** Times that the answer was one that may never change. */
  stuck: number;
  readonly resolve: (sent: Sent) => void;
  readonly reject: (error: unknown) => void;
}

/** Transfers that are signed and sent together. */
const MOST_AT_ONCE = 200;
/** Times that one order is sent before it is given up. */
const MOST_ATTEMPTS = 40;
/** Times that it is sent into a gap, to a gateway that refuses, or for a nonce whose use nobody proves. */
const MOST_STUCK = 12;
/** Signatures of its own that a sender remembers: none of them proves that another one is dead. */
const MOST_REMEMBERED = 10_000;
/** Times that the nonce is asked for in vain: nothing is sent then, so nothing is uncertain. */
const MOST_ATTEMPTS_UNSENT = 5;
/** Pauses after what did not get through. */
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5_000;
/** How long signing keeps everybody else waiting. */
const SLICE_MS = 8;

/** Says of what was signed that its end is not known. */
const uncertainOf = ({ id, intent }: SignedTransfer, cause: unknown): RollupError =>
  uncertain({ id: String(id), nonce: intent.nonce, validUntil: intent.validUntil }, cause);

/** Pauses between attempts, from the first on. */
const newPauses = () => createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);

class AccountSender implements Sender {
  readonly #options: SenderOptions;
  #queue: Item[] = [];
  #isRunning = false;
  /** The next nonce, as far as it is known here. */
  #nextNonce: number | undefined;
  /** What the account has left for what is not signed yet, as far as it is known here. */
  #left = 0n;
  /** Ids of what was signed here. */
  readonly #signed = new Set<string>();
  #pause = newPauses();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  send(order: Order): Promise<Sent> {
    return new Promise((resolve, reject) => {
      const state = { open: undefined, isUnanswered: false, isInGap: false, attempts: 0, stuck: 0 };
      this.#queue.push({ ...order, ...state, resolve, reject });
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

  /** What can still be taken comes first; while there is some, nothing is signed but what fills a gap before it. */
  async #step(): Promise<void> {
    for (const item of this.#queue.filter(({ open, signal }) => open !== undefined && signal?.aborted === true)) {
      this.#leave(item).reject(uncertainOf(item.open!, new Error('the waiting was ended')));
    }
    const open = this.#queue.filter((item) => item.open !== undefined).slice(0, MOST_AT_ONCE);
    if (open.length === 0) {
      const first = this.#nextNonce ?? (await this.#askNonce());
      await this.#offer(await this.#signNext(first, MOST_AT_ONCE));
      return;
    }
    const filling = open.some(({ isInGap }) => isInGap) ? await this.#fillGap(open) : [];
    for (const item of open) item.attempts += 1;
    // A transfer is included once: it is sent as it was.
    const nonceOf = ({ open: transfer }: Item): number => transfer!.intent.nonce;
    await this.#offer([...filling, ...open].sort((one, other) => nonceOf(one) - nonceOf(other)));
  }

  /** Signs what waits with the nonces that lack before what was signed already. */
  async #fillGap(open: readonly Item[]): Promise<Item[]> {
    if (this.#queue.every((item) => item.open !== undefined)) return [];
    const first = await this.#askNonce();
    const behind = open.map((item) => item.open!.intent.nonce).filter((nonce) => nonce >= first);
    return this.#signNext(first, Math.min(...behind, first + MOST_AT_ONCE) - first);
  }

  /**
   * Signs what waits, at most `most`, with one nonce after the other. What the account cannot pay is the last one: it would be
   * refused, and those behind it would have no nonce before them.
   */
  async #signNext(first: number, most: number): Promise<Item[]> {
    const { clock } = this.#options;
    const items: Item[] = [];
    let sliceEnd = clock.nowMs() + SLICE_MS;
    for (const item of this.#queue.filter(({ open }) => open === undefined).slice(0, most)) {
      try {
        item.signal?.throwIfAborted();
        const transfer = item.sign(first + items.length);
        this.#remember(String(transfer.id));
        await item.onSigned?.(transfer);
        Object.assign(item, { open: transfer, isUnanswered: false, isInGap: false, stuck: 0 });
        item.attempts += 1;
        items.push(item);
        this.#left -= transfer.intent.amount + transfer.intent.fee;
      } catch (error) {
        this.#leave(item).reject(error);
      }
      if (this.#left < 0n) break;
      if (clock.nowMs() < sliceEnd) continue;
      await new Promise((next) => setTimeout(next));
      sliceEnd = clock.nowMs() + SLICE_MS;
    }
    // What came in meanwhile may pay for the next ones.
    this.#nextNonce = this.#left < 0n ? undefined : first + items.length;
    return items;
  }

  #remember(id: string): void {
    this.#signed.add(id);
    if (this.#signed.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#signed) {
      this.#signed.delete(oldest);
      return;
    }
  }

  /** Sends these, and waits before the next ones if some did not get through. */
  async #offer(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return;
    const { client, clock, findOccupants, random = Math.random } = this.#options;
    let results: readonly SendResult[];
    try {
      results = await client.sendAll(items.map(({ open }) => open!));
    } catch (thrown) {
      const error = asRollupError('sending transfers', thrown);
      results = items.map(() => ({ error }));
    }
    const isUsed = (result: SendResult): boolean => 'error' in result && verdictOf(result.error) === 'used';
    const used = new Set(items.filter((_, at) => isUsed(results[at]!)).map(({ open }) => open!.intent.nonce));
    const occupants = used.size === 0 ? new Map<number, string>() : await orNobody(findOccupants(used));
    const waits = await Promise.all(items.map((item, at) => this.#settle(item, results[at]!, occupants)));
    if (results.some((result) => 'acknowledged' in result)) this.#pause = newPauses();
    const asked = waits.filter((wait) => wait !== undefined);
    if (asked.length > 0) await clock.sleep(Math.max(this.#pause() * (0.5 + random()), ...asked));
  }

  /** Decides what an answer means. @returns how long the server asks to wait, 0 if it does not say; undefined when all is said. */
  async #settle(
    item: Item,
    result: SendResult,
    occupants: ReadonlyMap<number, string> | 'nobody',
  ): Promise<number | undefined> {
    const transfer = item.open!;
    if ('acknowledged' in result) {
      this.#leave(item).resolve({ transfer, acknowledged: result.acknowledged });
      return undefined;
    }
    const { error } = result;
    this.#nextNonce = undefined;
    const verdict = verdictOf(error);
    item.isInGap = verdict === 'gap';
    // This transfer was taken, and says something else: that is another payment, which somebody made to the digit.
    if (error.code === 'REFERENCE_KEPT' || (verdict === 'refused' && !item.isUnanswered)) {
      this.#leave(item).reject(error);
      return undefined;
    }
    if (verdict === 'uncertain' || verdict === 'foreign') item.isUnanswered = true;
    if (verdict !== 'uncertain' && verdict !== 'later') {
      const taken = await orNobody(findTaken(this.#options.client, String(transfer.id)));
      if (typeof taken === 'object') {
        this.#leave(item).resolve({ transfer, acknowledged: taken });
        return undefined;
      }
      if (taken === undefined && verdict === 'used' && this.#isDead(transfer, occupants)) item.open = undefined;
      if (taken === undefined || verdict === 'foreign') item.stuck += 1;
    }
    const isLeft = item.open !== undefined && (item.stuck >= MOST_STUCK || verdict === 'refused');
    if (!isLeft && item.attempts < MOST_ATTEMPTS) return retryAfterMs(error) ?? 0;
    // Refused for now, each time: nobody took it.
    const isRefused = item.open === undefined || (verdict === 'later' && !item.isUnanswered);
    this.#leave(item).reject(isRefused ? error : uncertainOf(transfer, error));
    return undefined;
  }

  /** Whether another transfer, which is none of those signed here, is proven to have its nonce. */
  #isDead({ intent }: SignedTransfer, occupants: ReadonlyMap<number, string> | 'nobody'): boolean {
    const occupant = occupants === 'nobody' ? undefined : occupants.get(intent.nonce);
    return occupant !== undefined && !this.#signed.has(occupant);
  }

  /** The next nonce. Notes what the account has. */
  async #askNonce(): Promise<number> {
    const { client, account } = this.#options;
    const found = await client.call('rollup_getAccount', { index: account, tag: 'latest' });
    if (found === null) {
      throw new RollupError('SENDER_EMPTY', `account ${account} does not exist`, { actual: account });
    }
    this.#left = BigInt(found.balance);
    return found.nonce;
  }

  /** A failure before anything was sent, as of asking for the nonce: all that waits has it, after some attempts. */
  async #failed(error: unknown): Promise<void> {
    const { clock, random = Math.random } = this.#options;
    this.#nextNonce = undefined;
    for (const item of [...this.#queue]) {
      item.attempts += 1;
      const { signal, attempts, open } = item;
      if (open !== undefined) {
        if (attempts >= MOST_ATTEMPTS) this.#leave(item).reject(uncertainOf(open, error));
      } else if (signal?.aborted === true) this.#leave(item).reject(signal.reason);
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
