/** The rollup in the model: the account of a channel, and all that may happen to it, at any time or never. */

import type { Party } from './types.ts';

/** A transfer that both signed. */
export interface Move {
  readonly nonce: number;
  readonly to: Party;
  /** Money of the residual party that it takes out, or a part of a cooperative close. */
  readonly purpose: 'out' | 'close';
  readonly amount: bigint;
  readonly validUntil: number;
}

/** Money on its way into the account; a stranger's belongs to nobody. */
export interface Deposit {
  readonly by: Party | undefined;
  readonly amount: bigint;
}

/** The account, in final batches. */
export class Account {
  balance = 0n;
  #nonce = 0;
  #moves: Move[] = [];
  readonly deposits: Deposit[] = [];
  /** Left the account, and did not reach the vault yet. */
  readonly leaving: bigint[] = [];
  #isFrozen = false;

  /** What may still be executed, whoever holds it back. */
  inFlight(time: number): readonly Move[] {
    return this.#moves.filter(({ nonce, validUntil }) => nonce >= this.#nonce && time <= validUntil);
  }

  /** Signs a transfer behind all that may still be executed. */
  sign(move: Omit<Move, 'nonce'>, time: number): void {
    const nonce = this.inFlight(time).reduce((next, one) => Math.max(next, one.nonce + 1), this.#nonce);
    this.#moves.push({ ...move, nonce });
  }

  /** Those of which one can be executed next. */
  ready(time: number): readonly Move[] {
    if (this.#isFrozen) return [];
    return this.inFlight(time).filter(({ nonce, amount }) => nonce === this.#nonce && amount <= this.balance);
  }

  execute(move: Move): void {
    this.#nonce = move.nonce + 1;
    this.balance -= move.amount;
    this.#moves = this.#moves.filter((one) => one !== move);
  }

  /** A deposit is executed; in the exodus the vault is given it back. */
  receive(deposit: Deposit): void {
    this.deposits.splice(this.deposits.indexOf(deposit), 1);
    if (this.#isFrozen) this.leaving.push(deposit.amount);
    else this.balance += deposit.amount;
  }

  /** An exit is executed, by request or in the exodus. */
  exit(): void {
    if (this.balance > 0n) this.leaving.push(this.balance);
    this.balance = 0n;
  }

  /** The last final state stands for good. */
  freeze(): void {
    this.#isFrozen = true;
    this.#moves = [];
  }
}
