/** What happens off L1: payments, HTLCs, swaps, money on its way, versions that are kept back, cooperative closes. */

import { type Lock, otherOf, PARTIES, type Party } from './types.ts';
import type { Walk } from './walk.ts';

/** An action; it does nothing where it cannot be. */
export type Action = (walk: Walk) => void;

/** Most seconds that an HTLC waits in a schedule. */
const LONGEST_LOCK = 9_000;
/** An HTLC that is shorter could not be shown in time beside all else. */
const SHORTEST_LOCK = 200;

/** B orders: A has each version with both signatures first. */
const ASKER: Party = 'a';

/** Signs a version; now and then the asker keeps it back for ever, if it cheats. */
function version(walk: Walk): void {
  const { channel, random, time, isHonest } = walk;
  channel.sign(time);
  if (!isHonest[ASKER] && random.chance(0.08)) channel.keeper = ASKER;
}

export const pay: Action = (walk) => {
  const { channel, random } = walk;
  if (!channel.isChanging) return;
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
    const from = random.pick(PARTIES);
    const most = channel.spendable(from, walk.time);
    if (most > 0n) channel.pay(from, walk.amount(most));
  }
  version(walk);
};

export const lock: Action = (walk) => {
  const { channel, random } = walk;
  if (!channel.isChanging || channel.locks.length >= 4) return;
  const payee = random.pick(PARTIES);
  const most = channel.spendable(otherOf(payee), walk.time);
  if (most <= 0n) return;
  const isAnybodyHonest = walk.honest.length > 0;
  const expiry = walk.time + SHORTEST_LOCK + random.below(LONGEST_LOCK - SHORTEST_LOCK);
  const one: Lock = {
    secret: walk.secrets.length,
    amount: walk.amount(most),
    // What nobody honest signs: an expiry that never comes.
    expiry: !isAnybodyHonest && random.chance(0.1) ? 2 ** 40 - 1 : expiry,
    payee,
  };
  channel.lock(one);
  version(walk);
  decideSecret(walk, one);
};

/** Who learns the secret and shows it when: the payee, a stranger, nobody. */
function decideSecret(walk: Walk, { secret, expiry, payee }: Lock): void {
  const { random, channel } = walk;
  const isKnown = random.chance(0.5);
  walk.secrets.push(isKnown ? payee : undefined);
  const show = (by: Party | 'stranger') => () => void walk.callNow({ type: 'reveal', by, secret });
  if (isKnown && walk.isHonest[payee]) {
    // Shown if the payee has no newer version in which the money is its own.
    const isLate = channel.breaks('closing alone: a secret is shown by its expiry');
    const [from, to] = isLate ? [expiry + 1, expiry + 1] : [walk.time + 1, expiry];
    walk.plan(from, to, () => {
      if (channel.newestOf(payee)?.locks.some((one) => one.secret === secret)) show(payee)();
    });
  } else if (random.chance(0.6) && expiry < 2 ** 39) {
    const by = isKnown ? payee : 'stranger';
    const time = expiry + random.pick([-100, -1, 0, 1, 100]);
    walk.plan(time, time, show(by));
  }
}

/** Two that cheat sign one version twice. */
export const equivocate: Action = ({ channel, honest, random }) => {
  if (honest.length === 0 && channel.isChanging && random.chance(0.3)) channel.signAgain();
};

/** Ends an HTLC between the two. */
export const unlock: Action = (walk) => {
  const { channel, random } = walk;
  if (!channel.isChanging || channel.locks.length === 0) return;
  const one = random.pick(channel.locks);
  const isKnown = walk.secrets[one.secret] === one.payee;
  channel.unlock(one, isKnown ? one.payee : otherOf(one.payee));
  version(walk);
};

export const swap: Action = (walk) => {
  const { channel } = walk;
  const isAtRest =
    !channel.isMoving(walk.time) || channel.breaks('3: sides are swapped only while nothing is in flight');
  if (!channel.isChanging || !isAtRest || channel.own(channel.residual, walk.time) < 0n) return;
  channel.swap();
  version(walk);
};

const moverOf = ({ channel, random }: Walk): Party =>
  channel.breaks('2: only the residual party moves money') && random.chance(0.5) ? channel.senior : channel.residual;

/** Takes money of a party out of the account: both sign a transfer. */
export const takeOut: Action = (walk) => {
  const { channel, random, time } = walk;
  const to = moverOf(walk);
  const most = channel.spendable(to, time);
  if (channel.papers.length === 0 || !channel.canMove || most <= 0n) return;
  const validUntil = time + 30 + random.below(4_000);
  channel.account.sign({ to, purpose: 'out', amount: walk.amount(most), validUntil }, time);
};

export const bringIn: Action = (walk) => {
  const { channel, random } = walk;
  if (channel.papers.length === 0 || !channel.canMove) return;
  channel.account.deposits.push({ by: moverOf(walk), amount: BigInt(1 + random.below(60)) });
};

/** A stranger gives the account something. */
export const bringGift: Action = ({ channel, random }) => {
  channel.account.deposits.push({ by: undefined, amount: BigInt(1 + random.below(20)) });
};

export const closeTogether: Action = (walk) => {
  const { channel, random, time } = walk;
  const isComing = channel.isComingIn && !channel.breaks('4: nothing comes in during a cooperative close');
  const isLocked = channel.locks.length > 0 && !channel.breaks('4: no HTLC is open in a cooperative close');
  if (!channel.isChanging || isComing || isLocked) return;
  if (channel.hasDust(time)) swap(walk);
  // It could not, or the other party keeps the version back.
  if (!channel.isChanging || channel.hasDust(time)) return;
  const until = () => time + 30 + random.below(2_000);
  channel.closeTogether([until(), until()], time);
};

/** The rollup executes one of what can be. */
export const executeMove: Action = (walk) => {
  const ready = walk.channel.account.ready(walk.time);
  if (ready.length > 0) walk.channel.execute(walk.random.pick(ready));
};

export const executeDeposit: Action = ({ channel, random }) => {
  const { deposits } = channel.account;
  if (deposits.length > 0) channel.receive(random.pick(deposits));
};

/** Lets seconds pass, now and then until just before or after something. */
export const wait: Action = (walk) => {
  const { random, channel, judge, time } = walk;
  const edges = [
    judge.close?.periodEnd,
    ...channel.locks.map(({ expiry }) => expiry),
    ...channel.account.inFlight(time).map(({ validUntil }) => validUntil),
  ].filter((edge) => edge !== undefined && edge > time && edge < 2 ** 39);
  const isAtEdge = edges.length > 0 && random.chance(0.4);
  walk.passTo(isAtEdge ? random.pick(edges)! + random.pick([-2, -1, 0, 1]) : time + random.below(400));
};
