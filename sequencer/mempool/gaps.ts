/**
 * Transfers that came before the ones with the nonces in front of theirs: what one wallet sends over several connections has
 * no order. They wait a moment, with good signatures, so that nobody but the owner of an account can fill its places. They
 * are not logged, so nobody is told that they were taken. When all places are taken, whoever has most of them loses one to an
 * address that has less.
 */

import type { RollupError } from '@quittance/protocol';
import type { Clock, Timer } from '../../runtime/index.ts';
import { nonceRefusal, refusalOf } from '../apply.ts';
import type { GapLimits } from '../config.ts';
import type { Checked, Job } from './job.ts';
import { Largest } from './largest.ts';

/** Transfers that wait for earlier ones of their accounts. */
export interface Gaps {
  /** How many nonces ahead a transfer of this account from this address may be to find a place now. */
  reachOf(account: number, address: string): number;
  /** Lets one wait whose signature is good. @returns whether there was room. */
  add(checked: Checked): boolean;
  /** Takes those of an account whose turn it is at this nonce, with those that follow on them, in the order of their nonces. */
  take(account: number, nonce: number): Job[];
  readonly size: number;
  /** Refuses all that wait, and whatever comes. */
  close(reason: RollupError): void;
}

export interface GapsOptions {
  readonly limits: GapLimits;
  readonly clock: Clock;
  /** The nonce that an account expects now; undefined where there is none. */
  readonly nonceOf: (account: number) => number | undefined;
  /** Told of one whose turn came without a transfer before it: a drop took others back. */
  readonly onReady: (job: Job, account: number) => void;
}

interface Waiter {
  readonly job: Job;
  readonly account: number;
  readonly nonce: number;
  readonly untilMs: number;
}

/** Those that wait, by the address that they came from. */
class Addresses {
  /** In the order in which they came. */
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #largest = new Largest<string>();

  add(waiter: Waiter): void {
    const { address } = waiter.job.source;
    const waiters = this.#waiters.get(address) ?? new Set();
    this.#largest.change(address, waiters.size, 1);
    this.#waiters.set(address, waiters.add(waiter));
  }

  delete(waiter: Waiter): void {
    const { address } = waiter.job.source;
    const waiters = this.#waiters.get(address)!;
    this.#largest.change(address, waiters.size, -1);
    waiters.delete(waiter);
    if (waiters.size === 0) this.#waiters.delete(address);
  }

  /** The newest of the address with the most, if it has more than `address` with one more; somebody must wait. */
  newestBefore(address: string): Waiter | undefined {
    const most = this.#waiters.get(this.#largest.get(address))!;
    const own = this.#waiters.get(address)?.size ?? 0;
    return most.size > own + 1 ? [...most].at(-1) : undefined;
  }
}

/** Behind those with its nonce or a smaller one. */
function withOne(waiting: readonly Waiter[], waiter: Waiter): Waiter[] {
  const behind = waiting.findIndex(({ nonce }) => nonce > waiter.nonce);
  return waiting.toSpliced(behind < 0 ? waiting.length : behind, 0, waiter);
}

/** Nobody waits. */
export function createGaps({ limits, clock, nonceOf, onReady }: GapsOptions): Gaps {
  const { waitMs, perAccount, total } = limits;
  /** In the order of their nonces. */
  const byAccount = new Map<number, Waiter[]>();
  /** In the order in which they came, which is that in which their time is over. */
  const all = new Set<Waiter>();
  const addresses = new Addresses();
  let timer: Timer | undefined;
  let isClosed = false;

  const remove = (waiter: Waiter): void => {
    all.delete(waiter);
    addresses.delete(waiter);
    const left = byAccount.get(waiter.account)!.filter((one) => one !== waiter);
    if (left.length === 0) byAccount.delete(waiter.account);
    else byAccount.set(waiter.account, left);
  };

  /** The wait is over, or the place is another's: says what is missing. */
  const expire = (waiter: Waiter): void => {
    const { job, account, nonce } = waiter;
    remove(waiter);
    const refusal = nonceRefusal({ nonce: nonceOf(account) ?? 0 }, account, nonce);
    if (refusal === undefined) onReady(job, account);
    else job.refuse(refusalOf(refusal), true);
  };

  const look = (): void => {
    timer = undefined;
    for (const waiter of all) {
      if (waiter.untilMs > clock.nowMs()) break;
      expire(waiter);
    }
    watch();
  };
  const watch = (): void => {
    const [first] = all;
    if (first !== undefined) timer ??= clock.schedule(Math.max(0, first.untilMs - clock.nowMs()), look);
  };

  const hasRoom = (account: number, address: string): boolean => {
    if (isClosed || waitMs <= 0 || (byAccount.get(account)?.length ?? 0) >= perAccount) return false;
    return all.size < total || addresses.newestBefore(address) !== undefined;
  };

  return {
    reachOf: (account, address) => (hasRoom(account, address) ? perAccount : 0),
    add({ job, id, candidate }) {
      const { nonce, sender } = candidate;
      const account = candidate.operation.fields.from;
      const { address } = job.source;
      if (!hasRoom(account, address)) return false;
      if (all.size >= total) expire(addresses.newestBefore(address)!);
      job.noteGood(id, sender.keyY);
      const waiter: Waiter = { job, account, nonce, untilMs: clock.nowMs() + waitMs };
      byAccount.set(account, withOne(byAccount.get(account) ?? [], waiter));
      all.add(waiter);
      addresses.add(waiter);
      watch();
      return true;
    },
    take(account, nonce) {
      let next = nonce;
      const ready: Job[] = [];
      for (const waiter of byAccount.get(account) ?? []) {
        if (waiter.nonce > next) break;
        next = Math.max(next, waiter.nonce + 1);
        remove(waiter);
        ready.push(waiter.job);
      }
      return ready;
    },
    get size() {
      return all.size;
    },
    close(reason) {
      isClosed = true;
      timer?.cancel();
      for (const waiter of all) {
        remove(waiter);
        waiter.job.refuse(reason);
      }
    },
  };
}
