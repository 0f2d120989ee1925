/**
 * Transfers that came before the ones with the nonces in front of theirs: what one wallet sends over several connections has
 * no order. They wait a moment, with good signatures, so that nobody but the owner of an account can fill its places. They
 * are not logged, so nobody is told that they were taken.
 */

import type { RollupError } from '@quittance/protocol';
import type { Clock, Timer } from '../../runtime/index.ts';
import { nonceRefusal, refusalOf } from '../apply.ts';
import type { GapLimits } from '../config.ts';
import type { Checked, Job } from './job.ts';

/** Transfers that wait for earlier ones of their accounts. */
export interface Gaps {
  /** How many nonces ahead a transfer of this account may be to find a place now. */
  reachOf(account: number): number;
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
  readonly onReady: (job: Job) => void;
}

interface Waiter {
  readonly job: Job;
  readonly account: number;
  readonly nonce: number;
  readonly untilMs: number;
}

/** Nobody waits. */
export function createGaps({ limits, clock, nonceOf, onReady }: GapsOptions): Gaps {
  const { waitMs, perAccount, total } = limits;
  /** In the order of their nonces. */
  const byAccount = new Map<number, Waiter[]>();
  /** In the order in which they came, which is that in which their time is over. */
  const all = new Set<Waiter>();
  let timer: Timer | undefined;
  let isClosed = false;

  const remove = (waiter: Waiter): void => {
    all.delete(waiter);
    const left = byAccount.get(waiter.account)!.filter((one) => one !== waiter);
    if (left.length === 0) byAccount.delete(waiter.account);
    else byAccount.set(waiter.account, left);
  };

  /** The wait is over: says what is missing. */
  const expire = (waiter: Waiter): void => {
    const { job, account, nonce } = waiter;
    remove(waiter);
    const refusal = nonceRefusal({ nonce: nonceOf(account) ?? 0 }, account, nonce);
    if (refusal === undefined) onReady(job);
    else job.refuse(refusalOf(refusal), true);
  };

  const look = (): void => {
    timer = undefined;
    const nowMs = clock.nowMs();
    for (const waiter of all) {
      if (waiter.untilMs > nowMs) break;
      expire(waiter);
    }
    watch();
  };
  const watch = (): void => {
    const [first] = all;
    if (first !== undefined) timer ??= clock.schedule(Math.max(0, first.untilMs - clock.nowMs()), look);
  };

  const hasRoom = (account: number): boolean =>
    !isClosed && waitMs > 0 && all.size < total && (byAccount.get(account)?.length ?? 0) < perAccount;

  return {
    reachOf: (account) => (hasRoom(account) ? perAccount : 0),
    add({ job, id, candidate }) {
      const { nonce, sender } = candidate;
      const account = candidate.operation.fields.from;
      if (!hasRoom(account)) return false;
      job.noteGood(id, sender.keyY);
      const waiter: Waiter = { job, account, nonce, untilMs: clock.nowMs() + waitMs };
      const waiting = byAccount.get(account) ?? [];
      const behind = waiting.findIndex((other) => other.nonce > nonce);
      byAccount.set(account, waiting.toSpliced(behind < 0 ? waiting.length : behind, 0, waiter));
      all.add(waiter);
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
