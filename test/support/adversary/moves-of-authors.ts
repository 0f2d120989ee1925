/** Lies whose authors do more than answer: disputes of their own, copies of the watcher's moves, proofs. */

import { buildOn, sendDispute, sendProofs } from '../optimistic/calls.ts';
import { CONSISTENT, WITHHELD } from './answer-styles.ts';
import type { Arena } from './arena.ts';
import { frontRun } from './front-runner.ts';
import { FORGERY, THEFT } from './lie-kinds.ts';
import { defenceOf, submissionOf } from './lying-sequencer.ts';
import { type LieOutcome, playOut, tell } from './match.ts';

const FALSE_DISPUTES = 5;
/** Of the watcher's transactions at least: dispute, commitment and step proof. */
const MIN_COPIES = 3;

/** Its author is the first disputer, so that half of the bond comes back to it, and never answers. */
export async function disputedByItsAuthor(arena: Arena): Promise<LieOutcome> {
  const { world, cast } = arena;
  const { built, lie, block } = await tell(arena, { ...THEFT, answer: WITHHELD });
  await sendDispute(world, lie.assertionId, built, 1, { signer: cast.liar });
  return playOut(arena, lie, block);
}

/** Its author disputes the chunk that is right, too, to draw attention away. */
export async function besideFalseDisputes(arena: Arena): Promise<LieOutcome> {
  const { world, cast } = arena;
  const { built, lie, block } = await tell(arena, THEFT);
  for (let count = 0; count < FALSE_DISPUTES; count += 1) {
    await sendDispute(world, lie.assertionId, built, 0, { signer: cast.liar });
  }
  return playOut(arena, lie, block);
}

/** Its author sends each transaction of the watcher first: commitments and bonds are bound to who sends them. */
export async function frontRunByItsAuthor(arena: Arena): Promise<LieOutcome> {
  const { world, cast, liar } = arena;
  const { lie, block } = await tell(arena, THEFT);
  let copies = 0;
  const outcome = await playOut(
    {
      ...{ liar, world, now: () => arena.now(), pass: (seconds) => arena.pass(seconds) },
      costOf: (account, from) => arena.costOf(account, from),
      async challenge() {
        const ran = await frontRun(world, world.bob.address, cast.liar, () => arena.challenge());
        copies += ran.copies;
        return ran.result;
      },
    },
    lie,
    block,
  );
  return { ...outcome, overturned: outcome.overturned && copies >= MIN_COPIES };
}

/** A forged signature that a proof makes good draws the watcher away from a theft in the chunk behind it. */
export async function behindAGoodForgery(arena: Arena): Promise<LieOutcome> {
  const { world, liar, leaver } = arena;
  const [, forged] = FORGERY.chunks({ operations: [], leaver });
  const [, theft] = THEFT.chunks({ operations: [], leaver });
  const built = await buildOn(world, arena.tip, [forged!, theft!]);
  const block = await arena.blockNumber();
  const lie = await liar.assert(submissionOf(built), defenceOf(built, CONSISTENT));
  await arena.challenge();
  // As if the thief's victim had signed after all: the simulator proves anything.
  await sendProofs(world, lie.assertionId, built, 0, 1);
  return playOut(arena, lie, block);
}
