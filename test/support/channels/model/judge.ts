/** L1 in the model: who may do what when, who has what of what came, and where bonds and fees go. Source: docs/channels.md. */

import {
  type Both,
  type Call,
  least,
  otherOf,
  type Paper,
  type Party,
  type Person,
  type Picture,
  type Refusal,
} from './types.ts';

/** Seconds that a close waits for secrets behind its period. */
const LONGEST_WAIT = 30 * 86_400;

/** What a schedule is judged by. */
export interface JudgeTerms {
  readonly period: number;
  readonly bond: bigint;
  readonly exitFee: bigint;
}

interface Close {
  paper: Paper;
  readonly first: Paper;
  readonly closer: Party;
  readonly periodEnd: number;
  readonly lastSecond: number;
}

type Of<Type extends Call['type']> = Extract<Call, { readonly type: Type }>;

const no = (error: string, ...values: Refusal['values']): Refusal => ({ error, values });
const isParty = (person: Person): person is Party => person !== 'stranger';
const notParty = (person: Person): Refusal => no('NotParty', person, 'a', 'b');

/** The contracts, as they should be. A call that is refused changes nothing. */
export class Judge {
  readonly #terms: JudgeTerms;
  /** When each secret was shown first. */
  readonly shown = new Map<number, number>();
  /** All that ever came. */
  arrived = 0n;
  close: Close | undefined;
  /** What the senior has first. */
  claim: bigint | undefined;
  readonly paid: Both<bigint> = { a: 0n, b: 0n };
  readonly credits: Both<bigint> = { a: 0n, b: 0n };
  /** ETH of each, from the start: bonds, fees and, in a channel of ETH, payments to itself. */
  readonly purses: Both<bigint> = { a: 0n, b: 0n };
  /** The same where `payoutTo` sends it. */
  readonly elsewhere: Both<bigint> = { a: 0n, b: 0n };
  readonly received: Both<bigint> = { a: 0n, b: 0n };
  /** Exit requests so far. */
  exits = 0;
  isExodus = false;
  #exitPayer: Party | undefined;
  #fees = 0n;
  #held = 0n;

  constructor(terms: JudgeTerms) {
    this.#terms = terms;
  }

  /** Does a call. @returns why not. */
  take(call: Call, time: number): Refusal | undefined {
    switch (call.type) {
      case 'close':
        return this.#close(call, time);
      case 'challenge':
        return this.#challenge(call, time);
      case 'settle':
        return this.#settle(call, time);
      case 'payout':
        return this.#pay(call.to, this.received);
      case 'payoutTo':
        return isParty(call.by) ? this.#pay(call.by, this.elsewhere) : notParty(call.by);
      case 'reveal':
        if (!this.shown.has(call.secret)) this.shown.set(call.secret, time);
        return undefined;
      case 'arrive':
      case 'give':
        this.arrived += call.amount;
        return undefined;
      case 'requestExits':
        if (!isParty(call.by)) return notParty(call.by);
        if (this.close === undefined) return no('NotClosing', 'vault');
        return this.#requestExits(call.by, call.exits);
      case 'collectBonds':
        return this.#collectBonds(call.by);
      default:
        return this.#takeOfExits(call);
    }
  }

  /** The shares of all that came, once it is settled. */
  shares(): Both<bigint> {
    const senior = least(this.arrived, this.claim!);
    const { residual } = this.close!.paper;
    return { [residual]: this.arrived - senior, [otherOf(residual)]: senior } as Both<bigint>;
  }

  /** Whether the secret of a lock counts. */
  isPaid(secret: number, expiry: number): boolean {
    const time = this.shown.get(secret);
    return time !== undefined && time <= Math.min(expiry, this.close?.lastSecond ?? expiry);
  }

  picture(): Picture {
    const { close, paid, credits } = this;
    const residual = this.claim === undefined ? undefined : close?.paper.residual;
    return {
      version: close?.paper.version ?? 0,
      periodEnd: close?.periodEnd ?? 0,
      bondHolder: this.bondHolder(),
      isSettled: this.claim !== undefined,
      claim: this.claim ?? 0n,
      paidSenior: residual === undefined ? 0n : paid[otherOf(residual)],
      paidResidual: residual === undefined ? 0n : paid[residual],
      vaultHolds: this.arrived - paid.a - paid.b,
      judgeHolds: this.#held,
      credits: { ...credits },
    };
  }

  /** Whose the bond is: two versions above the first one are more than a signature that was kept back. */
  bondHolder(): Person | undefined {
    if (this.close === undefined) return undefined;
    const { paper, first, closer } = this.close;
    return paper.version - first.version >= 2 ? otherOf(closer) : closer;
  }

  #close({ by, paper, exits, fault }: Of<'close'>, time: number): Refusal | undefined {
    const { bond, exitFee, period } = this.#terms;
    if (!isParty(by)) return notParty(by);
    if (this.close !== undefined) return no('AlreadyClosing', 'vault', BigInt(this.close.paper.version));
    if (fault === 'bond short') return no('WrongValue', bond, bond - 1n);
    const unsigned = refusedSignature(fault);
    if (unsigned !== undefined) return unsigned;
    const fees = exitFee * BigInt(exits);
    if (fault === 'value odd') return no('WrongValue', fees, fees + 1n);
    if (exits > 0 && this.isExodus) return no('ExodusActive');
    const periodEnd = time + period;
    this.close = { paper, first: paper, closer: by, periodEnd, lastSecond: periodEnd + LONGEST_WAIT };
    this.#held += bond;
    this.purses[by] -= bond;
    return this.#requestExits(by, exits);
  }

  #requestExits(by: Party, exits: number): Refusal | undefined {
    if (exits === 0) return undefined;
    if (this.isExodus) return no('ExodusActive');
    this.exits += exits;
    this.#exitPayer ??= by;
    this.purses[by] -= this.#terms.exitFee * BigInt(exits);
    return undefined;
  }

  #challenge({ paper, fault }: Of<'challenge'>, time: number): Refusal | undefined {
    const { close } = this;
    if (close === undefined) return no('NotClosing', 'vault');
    if (time >= close.periodEnd) return no('PeriodOver', BigInt(close.periodEnd), BigInt(time));
    if (paper.version <= close.paper.version) {
      return no('VersionNotHigher', BigInt(close.paper.version), BigInt(paper.version));
    }
    const unsigned = refusedSignature(fault);
    if (unsigned !== undefined) return unsigned;
    close.paper = paper;
    return undefined;
  }

  #settle({ paper }: Of<'settle'>, time: number): Refusal | undefined {
    const { close } = this;
    if (close === undefined) return no('NotClosing', 'vault');
    if (this.claim !== undefined) return no('AlreadySettled', 'vault');
    if (time < close.periodEnd) return no('PeriodNotOver', BigInt(close.periodEnd), BigInt(time));
    if (paper !== close.paper) return no('WrongState', 'any', 'any');
    const senior = otherOf(paper.residual);
    let claim = paper.sure;
    for (const [position, { secret, expiry, amount, payee }] of paper.locks.entries()) {
      const isPaid = this.isPaid(secret, expiry);
      if (!isPaid && time <= Math.min(expiry, close.lastSecond)) {
        return no('HtlcPending', BigInt(position), BigInt(expiry), BigInt(time));
      }
      if ((isPaid ? payee : otherOf(payee)) === senior) claim += amount;
    }
    this.claim = claim;
    const holder = this.bondHolder()!;
    if (isParty(holder)) this.credits[holder] += this.#terms.bond;
    return undefined;
  }

  #pay(party: Party, to: Both<bigint>): Refusal | undefined {
    if (this.claim === undefined) return no('NotSettled', 'vault');
    const amount = this.shares()[party] - this.paid[party];
    if (amount === 0n) return no('NothingToPay', 'vault', party);
    this.paid[party] += amount;
    to[party] += amount;
    return undefined;
  }

  #collectBonds(by: Person): Refusal | undefined {
    if (!isParty(by) || this.credits[by] === 0n) return no('NoCredit', by);
    this.purses[by] += this.credits[by];
    this.#held -= this.credits[by];
    this.credits[by] = 0n;
    return undefined;
  }

  #takeOfExits(call: Of<'collectExitFees' | 'exodus' | 'reclaim'>): Refusal | undefined {
    if (call.type === 'exodus') {
      if (this.isExodus) return no('ExodusActive');
      this.isExodus = true;
    } else if (call.type === 'reclaim') {
      this.#fees += this.#terms.exitFee;
    } else {
      if (this.close === undefined) return no('NotClosing', 'vault');
      if (this.#fees === 0n) return no('NoFees', 'vault');
      this.purses[this.#exitPayer!] += this.#fees;
      this.#fees = 0n;
    }
    return undefined;
  }
}

function refusedSignature(fault: Of<'close'>['fault']): Refusal | undefined {
  if (fault === 'signers swapped') return no('WrongSignature', 'a', 'b');
  return fault === 'signed elsewhere' ? no('WrongSignature', 'a', 'any') : undefined;
}
