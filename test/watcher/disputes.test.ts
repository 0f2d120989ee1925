import { strict as assert } from 'node:assert';
import type { Signer } from 'ethers';
import { latestTime } from '../support/contracts/deployment.ts';
import { createManualClock } from '../support/manual-clock.ts';
import {
  assertBatch,
  buildOn,
  finalize,
  sendAnswer,
  sendDispute,
  sendProofs,
  submitFinal,
} from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';
import { chunkOf, FORGERY, HONEST, lyingChunk, THEFT } from '../support/optimistic/lie-chunks.ts';
import { actionsOf, chainOf, verdictsOf, watch } from '../support/watcher/watch.ts';

describe('Watcher: disputes on real contracts', () => {
  const fixture = assertionsFixture();
  const advance = (seconds: number) => fixture.world.l1.networkHelpers.time.increase(seconds);
  const challenger = (signer: Signer = fixture.world.bob) =>
    watch(fixture.world, fixture.prepared.tip, { mode: 'challenge', signer });

  it('leaves an honest batch alone, disputed or not', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [HONEST, chunkOf()]);
    const id = await assertBatch(world, built);
    const watcher = await challenger();
    const first = await watcher.poll();
    assert.deepEqual([verdictsOf(first), actionsOf(first), first.isSynced], [['2 right'], [], true]);
    await sendDispute(world, id, built, 0, { signer: world.alice });
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    await sendAnswer(world, id, built, 0);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
  });

  it('disputes a lie, proves the step that the answer gives away, settles and collects', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [HONEST, FORGERY]);
    const id = await assertBatch(world, built);
    const watcher = await challenger();
    const found = await watcher.poll();
    assert.deepEqual([verdictsOf(found), actionsOf(found)], [['2 wrong'], ['dispute done']]);
    assert.deepEqual(
      found.waiting[0]!.faults.map(({ chunk, slot, rule, isConclusive }) => [chunk, slot, rule, isConclusive]),
      [[1, 1, 'BAD_SIGNATURE', false]],
    );
    assert.deepEqual(actionsOf(await watcher.poll()), [], 'nothing before the answer');
    await sendAnswer(world, id, built, 1);
    assert.deepEqual(actionsOf(await watcher.poll()), ['commit done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['prove done']);
    const chain = await watcher.poll();
    assert.deepEqual([verdictsOf(chain), actionsOf(chain)], [[], ['settle done', 'collect done']]);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    assert.equal(await world.assertions.creditOf(world.bob.address), 0n);
  });

  it('rejects what its asserter does not answer for', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const watcher = await challenger();
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await advance(world.optimistic.answerWindow - 5);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    await advance(10);
    assert.deepEqual(actionsOf(await watcher.poll()), ['reject done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['settle done', 'collect done']);
  });

  it('disputes the first chunk that a proof could make good, and what follows when it was', async () => {
    const { world, prepared } = fixture;
    const forged = await buildOn(world, prepared.tip, [FORGERY, HONEST, FORGERY]);
    const id = await assertBatch(world, forged);
    const theft = await buildOn(world, forged, [THEFT]);
    const second = await assertBatch(world, theft);
    const watcher = await challenger();
    const found = await watcher.poll();
    assert.deepEqual(verdictsOf(found), ['2 wrong', '3 wrong']);
    assert.deepEqual(actionsOf(found), ['dispute done']);
    assert.deepEqual(
      found.chunks.map(({ assertionId, chunk, phase }) => [assertionId, chunk, phase]),
      [
        [id, 0, 'open'],
        [id, 2, 'behind'],
        [second, 0, 'behind'],
      ],
    );
    // The proofs show that true signatures exist: the first batch is right, the second is not.
    await sendProofs(world, id, forged);
    const proven = await watcher.poll();
    assert.deepEqual(verdictsOf(proven), ['2 right', '3 wrong']);
    assert.deepEqual(actionsOf(proven), ['dispute done', 'settle done']);
    await finalize(world, forged);
    assert.deepEqual(verdictsOf(await watcher.poll()), ['3 wrong']);
  });

  it('disputes every chunk that is wrong when half of the challenge period is over', async () => {
    const { world, prepared } = fixture;
    const forged = await buildOn(world, prepared.tip, [FORGERY, HONEST, FORGERY]);
    await assertBatch(world, forged);
    await assertBatch(world, await buildOn(world, forged, [THEFT]));
    const watcher = await challenger();
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await advance(world.optimistic.challengePeriod / 2 - 30);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    await advance(60);
    // The answer to the first is overdue by then too; what is behind it does not rely on that.
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done', 'dispute done', 'reject done']);
  });

  it('does not judge what stands on a lie that nothing can make good', async () => {
    const { world, prepared } = fixture;
    const theft = await buildOn(world, prepared.tip, [THEFT]);
    await assertBatch(world, theft);
    await assertBatch(world, await buildOn(world, theft, [THEFT]));
    const found = await (await challenger()).poll();
    assert.deepEqual([verdictsOf(found), actionsOf(found)], [['2 wrong', '3 unverified'], ['dispute done']]);
  });

  it('stakes nothing on a chunk that somebody else disputed', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [THEFT]);
    const id = await assertBatch(world, built);
    await sendDispute(world, id, built, 0, { signer: world.alice });
    const watcher = await challenger();
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    await sendAnswer(world, id, built, 0);
    assert.deepEqual(actionsOf(await watcher.poll()), ['commit done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['prove done']);
  });

  it('works beside other challengers: nobody loses, and one gets the reward', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [FORGERY]);
    const id = await assertBatch(world, built);
    const watchers = [await challenger(world.bob), await challenger(world.alice)];
    const pollAll = async () => {
      const results: string[][] = [];
      for (const watcher of watchers) results.push(actionsOf(await watcher.poll()));
      return results;
    };
    assert.deepEqual(await pollAll(), [['dispute done'], []], 'the second sees the dispute of the first');
    await sendAnswer(world, id, built, 0);
    assert.deepEqual(await pollAll(), [['commit done'], ['commit done']]);
    assert.deepEqual(await pollAll(), [['prove done'], []], 'the batch waits no more');
    assert.deepEqual(await pollAll(), [['settle done', 'collect done'], []]);
    assert.deepEqual(await pollAll(), [[], []]);
  });

  it('answers at once for its own right batches, takes the lost bonds, finalizes and collects', async () => {
    const { world, prepared } = fixture;
    const { optimistic } = world;
    const built = await buildOn(world, prepared.tip, [HONEST, HONEST]);
    const id = await assertBatch(world, built);
    await sendDispute(world, id, built, 1, { signer: world.alice });
    const watcher = await watch(world, prepared.tip, { mode: 'defend', signer: world.producer });
    assert.deepEqual(actionsOf(await watcher.poll()), ['answer done']);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    await advance(optimistic.challengePeriod + optimistic.stepWindow);
    assert.deepEqual(actionsOf(await watcher.poll()), ['finalize done', 'settle done']);
    const report = await watcher.poll();
    assert.deepEqual(
      [actionsOf(report), report.finalBatch, report.stateRoot],
      [['collect done'], 2, built.header.stateRoot],
    );
    assert.deepEqual(actionsOf(await watcher.poll()), []);
  });

  it('does not answer for a wrong batch of its own', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [THEFT]);
    const id = await assertBatch(world, built);
    await sendDispute(world, id, built, 0, { signer: world.alice });
    const watcher = await watch(world, prepared.tip, { mode: 'defend', signer: world.producer });
    assert.deepEqual(actionsOf(await watcher.poll()), []);
  });

  it('resolves disputes of others without a bond of its own', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [lyingChunk('an overdraft')]);
    const id = await assertBatch(world, built);
    const watcher = await watch(world, prepared.tip, { mode: 'resolve', signer: world.owner });
    assert.deepEqual(actionsOf(await watcher.poll()), []);
    await sendDispute(world, id, built, 0, { signer: world.alice });
    await sendAnswer(world, id, built, 0);
    assert.deepEqual(actionsOf(await watcher.poll()), ['commit done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['prove done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['settleForOther done', 'collect done']);
  });

  it('releases the bonds of its own batches that a proof overtook or made final', async () => {
    const { world, prepared } = fixture;
    const same = await buildOn(world, prepared.tip, [HONEST]);
    await assertBatch(world, same);
    await assertBatch(world, await buildOn(world, same, [HONEST]));
    await submitFinal(world, same);
    await submitFinal(world, await buildOn(world, same, [chunkOf()]));
    const watcher = await watch(world, prepared.tip, { mode: 'defend', signer: world.producer });
    assert.deepEqual(actionsOf(await watcher.poll()), ['release done', 'release done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['collect done']);
    assert.deepEqual(actionsOf(await watcher.poll()), []);
  });

  it('gets its bond back from a lie that a proof overtook', async () => {
    const { world, prepared } = fixture;
    const lie = await buildOn(world, prepared.tip, [THEFT]);
    const id = await assertBatch(world, lie);
    const watcher = await challenger();
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await sendAnswer(world, id, lie, 0);
    await submitFinal(world, await buildOn(world, prepared.tip, [HONEST]));
    assert.deepEqual(actionsOf(await watcher.poll()), ['settle done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['collect done']);
  });

  it('gets its bond back when a proof makes the disputed batch itself final, also after the step window', async () => {
    const { world, prepared } = fixture;
    const forged = await buildOn(world, prepared.tip, [FORGERY]);
    const id = await assertBatch(world, forged);
    const watcher = await challenger();
    assert.deepEqual(actionsOf(await watcher.poll()), ['dispute done']);
    await sendAnswer(world, id, forged, 0);
    await submitFinal(world, forged);
    await advance(world.optimistic.stepWindow + world.optimistic.challengePeriod);
    assert.deepEqual(actionsOf(await watcher.poll()), ['settle done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['collect done']);
  });

  it('answers once for fifty disputes of one chunk, and takes all their bonds', async () => {
    const { world, prepared } = fixture;
    const { optimistic } = world;
    const built = await buildOn(world, prepared.tip, [HONEST]);
    const id = await assertBatch(world, built);
    for (let count = 0; count < 50; count++) await sendDispute(world, id, built, 0, { signer: world.alice });
    const watcher = await watch(world, prepared.tip, { mode: 'defend', signer: world.producer });
    assert.deepEqual(actionsOf(await watcher.poll()), ['answer done']);
    await advance(optimistic.challengePeriod + optimistic.stepWindow);
    const { actions } = await watcher.poll();
    assert.deepEqual([actions[0]!.move, actions.filter(({ move }) => move === 'settle').length], ['finalize', 50]);
    assert.ok(actions.every(({ result }) => result === 'done'));
  });

  it('looks at L1 again before it has settled everything, when that takes long', async () => {
    const { world, prepared } = fixture;
    const { optimistic } = world;
    const built = await buildOn(world, prepared.tip, [HONEST]);
    const id = await assertBatch(world, built);
    for (let count = 0; count < 3; count++) await sendDispute(world, id, built, 0, { signer: world.alice });
    const clock = createManualClock();
    const chain = await chainOf(world, world.producer);
    const slow: typeof chain = {
      ...chain,
      async send(...call) {
        await clock.advance(20_000);
        return chain.send(...call);
      },
    };
    const watcher = await watch(world, prepared.tip, { mode: 'defend', assertions: slow, clock });
    assert.deepEqual(actionsOf(await watcher.poll()), ['answer done']);
    await advance(optimistic.challengePeriod + optimistic.stepWindow);
    assert.deepEqual(actionsOf(await watcher.poll()), ['finalize done', 'settle done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['settle done', 'settle done']);
    assert.deepEqual(actionsOf(await watcher.poll()), ['collect done']);
  });

  it('never acts when it observes', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.tip, [THEFT]));
    const before = await latestTime(world);
    const report = await (await watch(world, prepared.tip)).poll();
    assert.deepEqual([verdictsOf(report), report.actions, await latestTime(world)], [['2 wrong'], [], before]);
  });
});
