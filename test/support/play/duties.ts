/** What honest people do in time in a play of optimistic mode, so that no lie stands and no honest asserter loses. */

import { findLie } from '../optimistic/step-proof.ts';
import type { ModelAssertion } from './model.ts';
import type { AssertionsPlay } from './play.ts';
import { checkMoney } from './rollup-calls.ts';

/** A duty is done this much before its time is over, so that there is time for others. */
const SLACK = 40;

/** Something that has to happen before a time, or a lie would stand or an honest asserter lose. */
interface Duty {
  /** The last second for its last call. */
  readonly deadline: number;
  /** Calls, each in a second of its own. */
  readonly calls: number;
  perform(): Promise<unknown>;
}

/** One asserter in seven is away and answers nothing: it loses its bond though it told the truth. */
export const isAway = ({ id }: ModelAssertion): boolean => id % 7n === 3n;

/** What honest people owe to a waiting batch now. */
function dutiesTo(play: AssertionsPlay, assertion: ModelAssertion): Duty[] {
  const { world, model } = play;
  const { challengePeriod, answerWindow, stepWindow } = model.rules;
  const { built, chunks, assertedAt } = assertion;
  const lie = findLie(built);
  if (lie === undefined) {
    if (isAway(assertion)) return [];
    const signer = [world.producer, world.alice].find(({ address }) => address === assertion.asserter)!;
    return chunks.flatMap(({ isProven, answeredAt, disputes: [first] }, chunk) => {
      if (isProven || answeredAt !== undefined || first === undefined) return [];
      const deadline = first.openedAt + answerWindow;
      return [{ deadline, calls: 1, perform: () => play.answerDispute(assertion, chunk, signer) }];
    });
  }
  const { answeredAt, disputes } = chunks[lie.chunk]!;
  const last = disputes.at(-1);
  if (last === undefined) {
    const deadline = assertedAt + challengePeriod;
    return [{ deadline, calls: 1, perform: () => play.openDispute(assertion, lie.chunk, world.bob) }];
  }
  if (answeredAt === undefined) return [];
  const deadline = Math.max(answeredAt, last.openedAt) + stepWindow;
  return [{ deadline, calls: 2, perform: () => play.proveStep(assertion, lie.chunk, lie.slot, world.bob) }];
}

/** Lets time pass; all duties that fall into it are done, some of them in the last second. */
export async function pass(play: AssertionsPlay, seconds: number): Promise<void> {
  const target = play.time + seconds;
  for (;;) {
    const duties = play.model.waiting.flatMap((assertion) => dutiesTo(play, assertion));
    const due = duties.filter(({ deadline }) => deadline - SLACK <= target).sort((a, b) => a.deadline - b.deadline);
    const [duty, next] = due;
    if (duty === undefined) break;
    const isAlone = next === undefined || next.deadline > duty.deadline + SLACK;
    const time = isAlone ? duty.deadline - duty.calls : duty.deadline - SLACK;
    play.time = Math.max(play.time, time);
    await duty.perform();
    await checkMoney(play);
  }
  play.time = Math.max(play.time, target);
}
