/** Two ends of a play of optimistic mode, after which nothing waits and all bonds are out. */

import assert from 'node:assert/strict';
import { buildOn } from '../optimistic/calls.ts';
import { accountAt, noop, pretending } from '../optimistic/slot-scripts.ts';
import { pass } from './duties.ts';
import { assertHonest, deposit, isUnanswered, submitFinal } from './fuzz.ts';
import type { AssertionsPlay } from './play.ts';
import { checkMoney } from './rollup-calls.ts';

/** Everything that anyone can take back is taken; Assertions holds nothing then. */
async function takeBonds(play: AssertionsPlay): Promise<void> {
  const { model, world } = play;
  for (const dispute of model.disputes) if (!dispute.isSettled) await play.settleDispute(dispute);
  for (const assertion of model.assertions) if (assertion.hasBond) await play.releaseBond(assertion);
  for (const signer of [world.producer, world.alice, world.bob, world.owner]) {
    if (model.credits.has(signer.address)) await play.collectCredit(signer);
  }
  await checkMoney(play);
  assert.equal(model.balance, 0n, 'all bonds went back or were burned');
}

/** Time passes until nothing waits: what is true becomes final, what is not is rejected. */
export async function drain(play: AssertionsPlay): Promise<void> {
  const { model } = play;
  for (let round = 0; model.waiting.length > 0; round += 1) {
    assert.ok(round < 50, 'something waits for ever');
    await pass(play, 1_000);
    for (const assertion of [...model.waiting]) {
      for (const [chunk, state] of assertion.chunks.entries()) {
        const isLate = isUnanswered(state) && play.time > state.disputes[0]!.openedAt + model.rules.answerWindow;
        if (isLate && assertion.status === 'waiting') await play.rejectUnanswered(assertion, chunk);
      }
    }
    if (model.isFinalizable(play.time + 1)) await play.finalizeBatches(1);
  }
  await pass(play, model.rules.stepWindow + 1);
  await takeBonds(play);
}

/** Nobody executes a deposit, so the exodus opens: behind what can be made final, and over the rest. */
export async function exodus(play: AssertionsPlay): Promise<void> {
  const { model, world } = play;
  await drain(play);
  while (play.ledger.oldest !== undefined) await submitFinal(play);
  await deposit(play);
  const skipping = await buildOn(world, play.tip, [{ slots: [] }], play.time);
  await play.assertBatch(skipping, world.producer);
  const mint = pretending(noop, ({ view }) => ({
    changes: [{ index: 0, after: { ...accountAt(view, 0), balance: 1n } }],
  }));
  await play.assertBatch(await buildOn(world, skipping, [{ slots: [mint] }], play.time), world.alice);
  await play.openDispute(model.waiting[1]!, 0, world.bob);
  await pass(play, world.parameters.priorityDelay + world.parameters.exodusDelay + 10);
  await play.activateExodus();
  assert.equal(model.isExodus, false, 'a batch can be made final first');
  await play.finalizeBatches(1);
  await play.activateExodus();
  assert.equal(model.isExodus, true);
  await assertHonest(play);
  await checkMoney(play);
  await takeBonds(play);
}
