/**
 * Two parties in the model: what they sign, by rules of which one can be left out, and what each is owed. The ledger knows
 * payments only; what is on paper is made of it.
 */

import { Account, type Move } from './account.ts';
import { type Both, type Lock, otherOf, type Paper, type Party } from './types.ts';

/** What the honest heed, with the number of the rule in docs/channels.md. Each can be left out, to see what it is for. */
export const RULES = [
  '1: version 0 is signed before money moves',
  '2: only the residual party moves money',
  '3: sides are swapped only while nothing is in flight',
  '4: the residual party is paid first in a cooperative close',
  '4: who gets none, because it is dust, is the senior',
  '4: nothing comes in during a cooperative close',
  '4: no HTLC is open in a cooperative close',
  '5: what is in flight is not spent',
  '5: what is locked is not spent',
  'updates: no money moves while a version is proposed',
  'closing alone: the newest version is shown within the period',
  'closing alone: a secret is shown by its expiry',
] as const;
export type Rule = (typeof RULES)[number];

/** Amounts that no transfer carries. */
const DUST = 3n;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** A channel and its account. */
export class Channel {
  readonly account = new Account();
  readonly #broken: Rule | undefined;
  readonly papers: Paper[] = [];
  residual: Party;
  locks: readonly Lock[] = [];
  /** Paid in the channel, less what was paid out and locked. */
  #books: Both<bigint> = { a: 0n, b: 0n };
  /** Brought in, less what was taken out. */
  readonly flows: Both<bigint> = { a: 0n, b: 0n };
  /** What a cooperative close has brought. */
  readonly closed: Both<bigint> = { a: 0n, b: 0n };
  /** The party that alone has the last version with both signatures. */
  keeper: Party | undefined;
  /** A cooperative close was signed, or one of them closes alone. */
  isEnding = false;

  constructor(funder: Party, broken: Rule | undefined) {
    this.residual = funder;
    this.#broken = broken;
  }

  breaks(rule: Rule): boolean {
    return this.#broken === rule;
  }

  get senior(): Party {
    return otherOf(this.residual);
  }

  /** What is a party's own for sure now, HTLCs left out. */
  own(party: Party, time: number): bigint {
    const out = this.account.inFlight(time).filter(({ purpose, to }) => purpose === 'out' && to === party);
    return this.#books[party] + this.flows[party] - sum(out.map(({ amount }) => amount));
  }

  spendable(party: Party, time: number): bigint {
    const moving = this.account.inFlight(time).filter(({ to }) => to === party);
    const locked = this.locks.filter(({ payee }) => payee !== party);
    return (
      this.own(party, time) +
      (this.breaks('5: what is in flight is not spent') ? sum(moving.map(({ amount }) => amount)) : 0n) +
      (this.breaks('5: what is locked is not spent') ? sum(locked.map(({ amount }) => amount)) : 0n)
    );
  }

  /** Whether a party's money is on its way into the account. */
  get isComingIn(): boolean {
    return this.account.deposits.some(({ by }) => by !== undefined);
  }

  isMoving(time: number): boolean {
    return this.isComingIn || this.account.inFlight(time).length > 0;
  }

  /** Whether the parties change their state. */
  get isChanging(): boolean {
    return this.papers.length > 0 && this.keeper === undefined && !this.isEnding;
  }

  get canMove(): boolean {
    return (
      !this.isEnding &&
      (this.keeper === undefined || this.breaks('updates: no money moves while a version is proposed'))
    );
  }

  /** The newest that both signed, as a party has it. */
  newestOf(party: Party): Paper | undefined {
    return this.papers.at(this.keeper === undefined || this.keeper === party ? -1 : -2);
  }

  /** Signs the next version. */
  sign(time: number): Paper {
    const own = this.own(this.senior, time);
    const paper: Paper = {
      version: this.papers.length === 0 ? 0 : this.papers.at(-1)!.version + 1,
      residual: this.residual,
      sure: own > 0n ? own : 0n,
      locks: this.locks,
      books: { ...this.#books },
    };
    this.papers.push(paper);
    return paper;
  }

  /** Signs another version with the number of the last one: what no honest party does. */
  signAgain(): void {
    const last = this.papers.at(-1)!;
    this.papers.push({ ...last, sure: last.sure + 1n });
  }

  pay(from: Party, amount: bigint): void {
    this.#books[from] -= amount;
    this.#books[otherOf(from)] += amount;
  }

  lock(lock: Lock): void {
    this.#books[otherOf(lock.payee)] -= lock.amount;
    this.locks = [...this.locks, lock];
  }

  /** Ends a lock, for its payee or for the payer. */
  unlock(lock: Lock, to: Party): void {
    this.#books[to] += lock.amount;
    this.locks = this.locks.filter((one) => one !== lock);
  }

  swap(): void {
    this.residual = this.senior;
  }

  /** A transfer is executed. */
  execute(move: Move): void {
    this.account.execute(move);
    if (move.purpose === 'out') this.flows[move.to] -= move.amount;
    else this.closed[move.to] += move.amount;
  }

  /** A deposit is executed. What a stranger gives an account that is in use is the residual party's. */
  receive(deposit: Account['deposits'][number]): void {
    this.account.receive(deposit);
    const owner = deposit.by ?? (this.isChanging ? this.residual : undefined);
    if (owner !== undefined) this.flows[owner] += deposit.amount;
  }

  /** Whether only dust is the residual party's. */
  hasDust(time: number): boolean {
    return this.own(this.residual, time) < DUST && !this.breaks('4: who gets none, because it is dust, is the senior');
  }

  /** Signs the transfers of a cooperative close, each valid until its own second. */
  closeTogether(validUntil: readonly [number, number], time: number): void {
    const order = [this.residual, this.senior];
    if (this.breaks('4: the residual party is paid first in a cooperative close')) order.reverse();
    for (const [position, to] of order.entries()) {
      const amount = this.own(to, time);
      if (amount < DUST) continue;
      this.account.sign({ to, purpose: 'close', amount, validUntil: validUntil[position]! }, time);
    }
    this.isEnding = true;
  }

  /** What a party is owed by a version, all that is its own by now included. `isPaid` says which secrets counted. */
  owed(party: Party, paper: Paper | undefined, isPaid: (lock: Lock) => boolean): bigint {
    const locks = paper?.locks.filter((lock) => (isPaid(lock) ? lock.payee : otherOf(lock.payee)) === party) ?? [];
    return (paper?.books[party] ?? 0n) + this.flows[party] + sum(locks.map(({ amount }) => amount));
  }
}
