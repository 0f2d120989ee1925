/** Judges with one fault each: what the contracts must not do. The model has to see somebody harmed. */

import { Judge, type JudgeTerms } from './judge.ts';
import { type Both, type Call, least, otherOf, type Person, type Refusal } from './types.ts';

/** Counts what is there, and not what ever came. */
class JudgeOfWhatIsThere extends Judge {
  override shares(): Both<bigint> {
    const { residual } = this.close!.paper;
    const there = this.arrived - this.paid.a - this.paid.b;
    const senior = least(there, this.claim!);
    const paid = this.paid[otherOf(residual)];
    return { [residual]: there - senior + this.paid[residual], [otherOf(residual)]: senior + paid } as Both<bigint>;
  }
}

/** Counts secrets a second too long. */
class LateJudge extends Judge {
  override isPaid(secret: number, expiry: number): boolean {
    return super.isPaid(secret, expiry + 1);
  }
}

/** Takes no challenge in the last second. */
class HastyJudge extends Judge {
  override take(call: Call, time: number): Refusal | undefined {
    const { periodEnd } = this.close ?? {};
    return super.take(call, call.type === 'challenge' && time + 1 === periodEnd ? periodEnd : time);
  }
}

/** Keeps the state that the close began with. */
class StubbornJudge extends Judge {
  override take(call: Call, time: number): Refusal | undefined {
    const paper = this.close?.paper;
    const refusal = super.take(call, time);
    if (call.type === 'challenge' && paper !== undefined) this.close!.paper = paper;
    return refusal;
  }
}

/** Gives the bond to whoever shows the version that stands. */
class JudgeWithRewards extends Judge {
  #caller: Person | undefined;

  override take(call: Call, time: number): Refusal | undefined {
    const refusal = super.take(call, time);
    if (call.type === 'challenge' && refusal === undefined) this.#caller = call.by;
    return refusal;
  }

  override bondHolder(): Person | undefined {
    return super.bondHolder() === this.close?.closer ? this.close?.closer : (this.#caller ?? this.close?.closer);
  }
}

/** Lets each party pay itself twice. */
class ForgetfulJudge extends Judge {
  override take(call: Call, time: number): Refusal | undefined {
    if (call.type === 'payoutTo' && this.claim !== undefined && call.by !== 'stranger') this.paid[call.by] = 0n;
    return super.take(call, time);
  }
}

/** By what each does. */
export const FALSE_JUDGES: Readonly<Record<string, (terms: JudgeTerms) => Judge>> = {
  'shares what is there instead of all that came': (terms) => new JudgeOfWhatIsThere(terms),
  'counts a secret a second after its expiry': (terms) => new LateJudge(terms),
  'takes no challenge in the last second': (terms) => new HastyJudge(terms),
  'keeps the version that the close began with': (terms) => new StubbornJudge(terms),
  'gives the bond to whoever shows the newest version': (terms) => new JudgeWithRewards(terms),
  'forgets what it paid': (terms) => new ForgetfulJudge(terms),
};
