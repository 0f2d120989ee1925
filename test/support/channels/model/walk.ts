/** Where a schedule stands: its time, its people, what is agreed to happen at which second, and what was called on L1. */

import type { Random } from '../../property/random.ts';
import { Channel, type Rule } from './channel.ts';
import { Judge, type JudgeTerms } from './judge.ts';
import {
  type Both,
  type Call,
  type Lock,
  PARTIES,
  type Paper,
  type Party,
  type Person,
  type Refusal,
  type Step,
} from './types.ts';

/** What a schedule is made of. */
export interface Scene {
  readonly random: Random;
  /** Unix seconds. */
  readonly startTime: number;
  readonly terms: JudgeTerms;
  readonly isHonest: Readonly<Both<boolean>>;
  /** A rule that the honest leave out. */
  readonly broken?: Rule;
  /** A judge with a fault. */
  readonly judge?: (terms: JudgeTerms) => Judge;
}

/** A walk through one schedule. Every call on L1 has a second of its own. */
export class Walk {
  readonly random: Random;
  readonly terms: JudgeTerms;
  readonly isHonest: Readonly<Both<boolean>>;
  readonly channel: Channel;
  readonly judge: Judge;
  readonly steps: Step[] = [];
  /** What the model itself finds wrong on the way. */
  readonly wrongs: string[] = [];
  time: number;
  /** Whose secrets are known to whom, by number; `undefined` to nobody. */
  readonly secrets: (Party | undefined)[] = [];
  /** Exit requests that were executed. */
  executedExits = 0;
  readonly #agenda = new Map<number, () => void>();

  constructor({ random, startTime, terms, isHonest, broken, judge = (some) => new Judge(some) }: Scene) {
    this.random = random;
    this.terms = terms;
    this.isHonest = isHonest;
    this.time = startTime;
    this.judge = judge(terms);
    this.channel = new Channel(random.pick(PARTIES), broken);
  }

  get honest(): readonly Party[] {
    return PARTIES.filter((party) => this.isHonest[party]);
  }

  /** An amount from 1 on, at most so much; often near the ends. */
  amount(most: bigint): bigint {
    const { random } = this;
    if (random.chance(0.25)) return most;
    if (random.chance(0.25) && most > 2n) return most - BigInt(1 + random.below(2));
    return 1n + BigInt(random.below(Number(most)));
  }

  /** Plans something for a second in the range that is free, often its first or its last. */
  plan(from: number, to: number, run: () => void): void {
    const { random } = this;
    const first = Math.max(from, this.time + 1);
    const place = random.below(4);
    const wanted = place === 0 ? first : place === 1 ? to : first + random.below(Math.max(1, to - first + 1));
    const isFree = (time: number) => !this.#agenda.has(time);
    let time = wanted;
    while (time >= first && !isFree(time)) time -= 1;
    if (time < first) time = wanted;
    while (!isFree(time)) time += 1;
    this.#agenda.set(time, run);
  }

  /** Lets time pass, and what is planned happen. */
  passTo(time: number): void {
    for (let next = this.#next(); next !== undefined && next <= time; next = this.#next()) this.#run(next);
    this.time = Math.max(this.time, time);
  }

  /** Lets all that is planned happen. */
  passAll(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#run(next);
  }

  /** Calls L1 in the next second that is free. @returns why it was refused. */
  call(call: Call): Refusal | undefined {
    this.passSecond();
    return this.callNow(call);
  }

  /** Moves to the next second in which nothing is planned. */
  passSecond(): void {
    while (this.#agenda.has(this.time + 1)) this.#run(this.time + 1);
    this.time += 1;
  }

  /** Calls L1 in this second, in which nobody else does. */
  callNow(call: Call): Refusal | undefined {
    const { judge, time } = this;
    const before = judge.claim === undefined ? undefined : judge.shares();
    const refusal = judge.take(call, time);
    this.steps.push({ time, call, refusal, after: judge.picture() });
    this.#check(before);
    if (refusal === undefined && (call.type === 'close' || call.type === 'challenge')) this.#watch();
    return refusal;
  }

  /** Versions that somebody can show. */
  papersOf(person: Person): readonly Paper[] {
    const { papers } = this.channel;
    if (person === 'stranger') {
      // From whoever cheats: all; from the honest: the newest.
      const cheat = PARTIES.find((party) => !this.isHonest[party]);
      return cheat === undefined ? papers.slice(-1) : this.papersOf(cheat);
    }
    const newest = this.channel.newestOf(person);
    if (newest === undefined) return [];
    return this.isHonest[person] ? [newest] : papers.filter(({ version }) => version <= newest.version);
  }

  #next(): number | undefined {
    return this.#agenda.size === 0 ? undefined : Math.min(...this.#agenda.keys());
  }

  #run(time: number): void {
    const run = this.#agenda.get(time)!;
    this.#agenda.delete(time);
    this.time = Math.max(this.time, time);
    run();
  }

  /** The honest see each version that is shown on L1, and show theirs if it is newer; by a watchtower now and then. */
  #watch(): void {
    const { judge, channel, random } = this;
    channel.isEnding = true;
    if (channel.breaks('closing alone: the newest version is shown within the period')) return;
    for (const party of this.honest) {
      const newest = channel.newestOf(party)!;
      if (newest.version <= judge.close!.paper.version) continue;
      const by = random.chance(0.2) ? 'stranger' : party;
      this.plan(this.time + 1, judge.close!.periodEnd - 1, () => {
        if (newest.version > judge.close!.paper.version) this.callNow({ type: 'challenge', by, paper: newest });
      });
    }
  }

  /** What a party was paid, wherever it had it sent. */
  #receivedBy(party: Party): bigint {
    return this.judge.received[party] + this.judge.elsewhere[party];
  }

  /** Shares only grow, and nobody is paid what did not come or what is not its own. */
  #check(before: Both<bigint> | undefined): void {
    const { arrived } = this.judge;
    const paid = this.#receivedBy('a') + this.#receivedBy('b');
    if (paid > arrived) this.wrongs.push(`${paid} was paid of ${arrived}`);
    if (before === undefined) return;
    const after = this.judge.shares();
    for (const party of PARTIES) {
      if (after[party] < before[party]) this.wrongs.push(`the share of ${party} fell to ${after[party]}`);
      if (this.#receivedBy(party) > after[party]) this.wrongs.push(`${party} was paid more than its share`);
    }
    if (after.a + after.b !== arrived) this.wrongs.push('the shares are not all that came');
  }

  /** Whether a secret was shown while it counted. */
  #isInTime({ secret, expiry }: Lock): boolean {
    const { shown, close } = this.judge;
    return (shown.get(secret) ?? Number.POSITIVE_INFINITY) <= Math.min(expiry, close?.lastSecond ?? expiry);
  }

  /** What a party is owed in the end, and has. */
  outcome(party: Party): { readonly owed: bigint; readonly got: bigint } {
    const { channel, judge } = this;
    const newest = channel.newestOf(party);
    const shown = judge.close?.paper;
    const paper = shown !== undefined && shown.version >= (newest?.version ?? 0) ? shown : newest;
    // Whoever has a secret for money that is surely its own shows it in time.
    const isSure = ({ payee, secret }: Lock) =>
      payee === party && this.secrets[secret] === party && newest!.locks.some((lock) => lock.secret === secret);
    const owed = channel.owed(party, paper, (lock) => this.#isInTime(lock) || isSure(lock));
    return { owed, got: this.#receivedBy(party) + channel.closed[party] };
  }
}
