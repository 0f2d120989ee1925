/** One schedule: a channel from its opening until all money is out, at random; and who was harmed. */

import { createRandom, type Random } from '../../property/random.ts';
import * as calls from './calls.ts';
import type { Judge, JudgeTerms } from './judge.ts';
import type { Action } from './life.ts';
import * as life from './life.ts';
import { type Both, otherOf, PARTIES, type Step } from './types.ts';
import { type Scene, Walk } from './walk.ts';

/** What came of a schedule. */
export interface Schedule {
  readonly steps: readonly Step[];
  /** Promises that were broken, in words. */
  readonly wrongs: readonly string[];
  readonly terms: JudgeTerms;
  /** As it stands in the end. */
  readonly judge: Judge;
}

type Weighted = readonly (readonly [weight: number, action: Action])[];

const bagOf = (actions: Weighted): readonly Action[] =>
  actions.flatMap(([weight, action]) => Array.from({ length: weight }, () => action));

/** What parties and the rollup do, by how often each is tried. */
const LIFE: Weighted = [
  [10, life.pay],
  [5, life.lock],
  [4, life.unlock],
  [3, life.swap],
  [4, life.takeOut],
  [3, life.bringIn],
  [1, life.bringGift],
  [5, life.executeMove],
  [4, life.executeDeposit],
  [3, life.wait],
];
/** What is tried on L1. */
const CALLS: Weighted = [
  [3, calls.closeAlone],
  [4, calls.challenge],
  [3, calls.settle],
  [4, calls.payOut],
  [2, calls.collect],
  [1, calls.requestExits],
  [2, calls.give],
  [3, calls.arrive],
  [4, calls.executeExit],
  [1, calls.beginExodus],
  [1, calls.reclaim],
];
const QUIET = bagOf([...LIFE, [1, life.equivocate], [1, calls.give]]);
/** What leads to a cooperative close. */
const PARTING = bagOf([
  [3, life.closeTogether],
  [2, life.unlock],
  [2, life.executeDeposit],
  [1, life.executeMove],
  [1, life.bringIn],
  [1, life.pay],
  [1, life.wait],
]);
const LOUD = bagOf([...LIFE, ...CALLS, [4, life.closeTogether], [6, life.wait]]);

const PERIODS = [60, 61, 300, 4_000];

/** In half of the schedules one of them cheats, in a sixth both. */
function honestyOf(random: Random): Both<boolean> {
  const kind = random.below(6);
  if (kind < 2) return { a: true, b: true };
  if (kind === 2) return { a: false, b: false };
  const isA = kind % 2 === 1;
  return { a: isA, b: !isA };
}

/** Opens the channel: version 0, then the money. Whoever cheats may not sign. */
function open(walk: Walk): void {
  const { channel, random } = walk;
  const funder = channel.residual;
  const fund = () => channel.account.deposits.push({ by: funder, amount: BigInt(20 + random.below(180)) });
  const isLate = channel.breaks('1: version 0 is signed before money moves');
  if (isLate) fund();
  if (!walk.isHonest[otherOf(funder)] && random.chance(0.1)) return;
  channel.sign(walk.time);
  if (!isLate) fund();
  if (random.chance(0.8)) life.executeDeposit(walk);
}

/** Somebody who is still short closes alone; or, where nobody is honest, whoever likes. */
function closeAtLast(walk: Walk): void {
  const { judge, channel, random } = walk;
  if (judge.close !== undefined) return;
  const short = walk.honest.filter((party) => walk.outcome(party).got < walk.outcome(party).owed);
  const by = short.length > 0 ? random.pick(short) : walk.honest.length === 0 ? random.pick(PARTIES) : undefined;
  const paper = by === undefined ? undefined : channel.newestOf(by);
  if (by === undefined || paper === undefined) return;
  walk.call({ type: 'close', by, paper, exits: judge.isExodus ? 0 : random.below(2) });
}

/** Time passes until the close is settled. */
function settleAtLast(walk: Walk): void {
  const { judge } = walk;
  const { close } = judge;
  if (close === undefined) return;
  walk.passTo(close.periodEnd - 1);
  for (const { expiry } of [...close.paper.locks].sort((one, other) => one.expiry - other.expiry)) {
    if (judge.claim !== undefined) return;
    const last = Math.min(expiry, close.lastSecond);
    if (walk.random.chance(0.3)) walk.passTo(last - 1 - walk.random.below(2));
    else walk.passTo(last);
    if (walk.random.chance(0.5)) walk.call({ type: 'settle', by: 'stranger', paper: close.paper });
    walk.passTo(last);
  }
  if (judge.claim === undefined) walk.call({ type: 'settle', by: 'stranger', paper: close.paper });
}

/** All that is on its way comes, or can come no more; the honest fetch what is theirs, as often as there is something. */
function drain(walk: Walk): void {
  const { channel, judge, random } = walk;
  const { account } = channel;
  const isClosed = judge.claim !== undefined;
  while (account.deposits.length > 0) life.executeDeposit(walk);
  for (let left = account.ready(walk.time); left.length > 0 && random.chance(0.6); left = account.ready(walk.time)) {
    life.executeMove(walk);
  }
  if (!isClosed) return;
  if (account.balance > 0n) {
    if (!judge.isExodus && walk.executedExits >= judge.exits) {
      const by = walk.honest.length > 0 ? random.pick(walk.honest) : 'a';
      walk.call({ type: 'requestExits', by, exits: 1 });
    }
    calls.executeExit(walk);
  }
  while (account.leaving.length > 0) {
    calls.arrive(walk);
    if (random.chance(0.3)) calls.payOut(walk);
  }
  const first = random.pick(PARTIES);
  for (const to of [first, otherOf(first)]) {
    const isDue = judge.shares()[to] > judge.paid[to];
    if (isDue || random.chance(0.3)) walk.call({ type: 'payout', by: 'stranger', to });
  }
}

/** Bonds and fees go where they belong. */
function collectAtLast(walk: Walk): void {
  const { judge, random } = walk;
  while (judge.isExodus && walk.executedExits < judge.exits) calls.reclaim(walk);
  if (judge.isExodus && judge.close !== undefined) walk.call({ type: 'collectExitFees', by: 'stranger' });
  if (judge.claim !== undefined && random.chance(0.4)) walk.call({ type: 'collectBonds', by: random.pick(PARTIES) });
}

/** What the honest were promised. */
function judgeOutcome(walk: Walk): void {
  const { judge, channel, wrongs } = walk;
  for (const party of walk.honest) {
    const { owed, got } = walk.outcome(party);
    if (got < owed) wrongs.push(`${party} kept the rules and got ${got} of ${owed}`);
    const { close } = judge;
    if (close === undefined || judge.bondHolder() === party) continue;
    if (close.closer === party) wrongs.push(`${party} showed its newest version and lost its bond`);
    else if (close.first.version + 2 <= channel.newestOf(party)!.version) {
      wrongs.push(`${party} was shown an old version and did not get the bond`);
    }
  }
}

/** What a schedule is played with. */
export interface ScheduleOptions extends Pick<Scene, 'startTime' | 'broken' | 'judge'>, Omit<JudgeTerms, 'period'> {
  readonly seed: string;
}

/** Plays a schedule in the model. */
export function playSchedule({ seed, bond, exitFee, ...scene }: ScheduleOptions): Schedule {
  const random = createRandom(seed);
  const terms = { bond, exitFee, period: random.pick(PERIODS) };
  const walk = new Walk({ ...scene, random, terms, isHonest: honestyOf(random) });
  open(walk);
  for (let left = random.below(40); left > 0; left -= 1) random.pick(QUIET)(walk);
  for (let left = random.chance(0.4) ? 15 : 0; left > 0; left -= 1) random.pick(PARTING)(walk);
  if (random.chance(0.4)) calls.closeAlone(walk);
  for (let left = 5 + random.below(35); left > 0; left -= 1) random.pick(LOUD)(walk);
  // What is on its way may come, and change who is short, before anybody closes and behind it.
  for (let round = 0; round < 2; round += 1) {
    closeAtLast(walk);
    settleAtLast(walk);
    drain(walk);
    walk.passAll();
  }
  judgeOutcome(walk);
  collectAtLast(walk);
  const { steps, wrongs, judge } = walk;
  return { terms, judge, steps, wrongs };
}
