import { strict as assert } from 'node:assert';
import type { HistoryEvent } from '../../../sequencer/history.ts';
import { forgetCursor, readCursor } from '../../../sequencer/mempool/reading-point.ts';
import { createPerson } from '../../support/rollup/person.ts';
import { alice, bob } from '../../support/sequencer/payer.ts';
import { createReorged, type Reorged } from '../../support/sequencer/reorged.ts';

const carol = createPerson('carol');
const dave = createPerson('dave');

describe('Sequencer: a reorg deeper than the confirmations', () => {
  let reorged: Reorged;
  let count: number;

  const harness = () => reorged.harness;
  const status = () => harness().sequencer.status();
  const queries = () => harness().sequencer.queries;
  const fateOf = (id: bigint) => queries().transfer(id)?.drop?.code ?? queries().transfer(id)?.status;
  const pay = (person: typeof carol, from: number, nonce: number, amount = 1n) =>
    harness().send(person, harness().payment(nonce, { from, amount }));

  beforeEach(async () => {
    reorged = await createReorged();
    count = status().priorityOperations;
  });
  afterEach(() => harness().close());

  it('takes back a deposit that L1 has no more, with what it paid for, and executes everything else', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const spent = await pay(carol, harness().indexOf(carol), 0);
    const kept = await pay(alice, harness().from, 0);
    await harness().settle();
    assert.deepEqual([fateOf(spent.id), fateOf(kept.id)], ['final', 'final']);
    const batches = status().finalBatch;
    harness().chain.reorg(3);
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.equal(status().priorityOperations, count);
    assert.equal(status().finalBatch, batches);
    assert.deepEqual([fateOf(spent.id), fateOf(kept.id)], ['UNDONE_BY_REORG', 'final']);
    assert.match(queries().transfer(spent.id)!.drop!.message, /took back deposits.*does not exist.*\(SENDER_EMPTY\)/);
    assert.equal(reorged.balanceOf(carol), 0n);
  });

  it('executes all that was paid from deposits that came back in another order', async () => {
    reorged.deposit(carol, 50n);
    reorged.deposit(dave, 60n);
    await reorged.takenOn(count + 2);
    const leaves = [carol, dave].map((person) => harness().indexOf(person));
    const sent = [await pay(carol, leaves[0]!, 0), await pay(dave, leaves[1]!, 0), await pay(carol, leaves[0]!, 1)];
    await harness().settle();
    harness().chain.reorg(4);
    reorged.deposit(dave, 60n);
    reorged.deposit(carol, 50n);
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.deepEqual(
      sent.map(({ id }) => fateOf(id)),
      ['final', 'final', 'final'],
    );
    assert.deepEqual(
      [carol, dave].map((person) => harness().indexOf(person)),
      leaves,
    );
    assert.deepEqual([reorged.balanceOf(carol), reorged.balanceOf(dave)], [28n, 49n]);
  });

  it('drops what a smaller deposit does not pay for any more, and only that', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const from = harness().indexOf(carol);
    const sent = [await pay(carol, from, 0), await pay(carol, from, 1), await pay(carol, from, 2)];
    await harness().settle();
    harness().chain.reorg(3);
    reorged.deposit(carol, 25n);
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.deepEqual(
      sent.map(({ id }) => fateOf(id)),
      ['final', 'final', 'UNDONE_BY_REORG'],
    );
    assert.equal(reorged.balanceOf(carol), 3n);
    // Its nonce is free again.
    reorged.deposit(carol, 25n);
    await reorged.takenOn(count + 2);
    const again = await pay(carol, from, 2, 2n);
    await reorged.assertWhole();
    assert.equal(fateOf(again.id), 'final');
  });

  it('goes on without the account that took the fees, when the deposit that made it is gone', async () => {
    await harness().close();
    reorged = await createReorged({ withFeeAccounts: false });
    const operator = createPerson('operator');
    reorged.deposit(operator, 50n);
    count = status().priorityOperations;
    await reorged.takenOn(count + 1);
    const sent = await pay(alice, harness().from, 0);
    await harness().settle();
    assert.equal(fateOf(sent.id), 'final');
    harness().chain.reorg(3);
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.equal(fateOf(sent.id), 'UNDONE_BY_REORG');
    assert.match(queries().transfer(sent.id)!.drop!.message, /no account for the fees in token 0/);
    assert.equal(reorged.balanceOf(alice), 1_000_000n);
    reorged.deposit(operator, 50n);
    await harness().until(
      () => harness().sequencer.queries.accountsOf(operator.owner, 'latest', 1, -1).length === 1,
      'it',
    );
    const again = await pay(alice, harness().from, 0, 2n);
    await reorged.assertWhole();
    assert.equal(fateOf(again.id), 'final');
  });

  it('gives back what an exit had paid out that L1 has no more', async () => {
    harness().chain.requestExit(alice.owner, harness().from, 0);
    await reorged.takenOn(count + 1);
    await harness().settle();
    assert.equal(reorged.balanceOf(alice), 0n);
    harness().chain.reorg(3);
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.equal(reorged.balanceOf(alice), 1_000_000n);
    const sent = await pay(alice, harness().from, 0);
    await reorged.assertWhole();
    assert.equal(fateOf(sent.id), 'final');
  });

  it('says that it starts anew, and seals what is open again, and looks at L1, when told to meanwhile', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    await pay(carol, harness().indexOf(carol), 0);
    const kept = await pay(alice, harness().from, 0);
    await harness().settle();
    const told: (string | undefined)[] = [];
    const looked: (string | undefined)[] = [];
    const stopListening = harness().sequencer.events.on('dropped', () => {
      stopListening();
      told.push(status().trouble?.code);
      void harness()
        .sequencer.pollL1()
        .then(() => looked.push(status().trouble?.code));
      void harness()
        .sequencer.sealNow()
        .then(() => told.push(`${status().openTransfers} open`, status().trouble?.code));
    });
    harness().chain.reorg(3);
    await reorged.untilCertain();
    await harness().until(() => told.length === 3, 'the seal');
    assert.deepEqual(told, ['OPERATION_TAKEN_BACK', '0 open', undefined]);
    assert.deepEqual(looked, [undefined]);
    assert.ok(queries().transfer(kept.id)!.placement !== undefined);
    await reorged.assertWhole();
  });

  describe('while it reads L1', () => {
    /** Starts with `meanwhile` happening once, within the next answer to `method` after `arm`. */
    const interrupt = async (method: 'block' | 'priorityRequests', meanwhile: () => void): Promise<() => void> => {
      let isArmed = false;
      const honest = harness().chain[method] as (...range: number[]) => Promise<unknown>;
      await harness().sequencer.stop();
      Object.assign(harness().chain, {
        async [method](...range: number[]) {
          const answer = await honest(...range);
          if (isArmed) meanwhile();
          isArmed = false;
          return answer;
        },
      });
      await harness().restart();
      return () => {
        isArmed = true;
      };
    };

    it('sees another operation that comes in front of where it was about to go on', async () => {
      let depth = 0;
      // The first block that a look asks for is the one behind which it goes on.
      const arm = await interrupt('block', () => {
        harness().chain.reorg(depth, { keepRequests: true, amount: 25n });
        harness().chain.mine(2);
      });
      reorged.deposit(carol, 50n);
      harness().chain.mine(2);
      await reorged.takenOn(count + 1);
      await harness().sequencer.pollL1();
      harness().chain.mine(1);
      const { number } = await harness().chain.head();
      depth = number - harness().storage.priority.get(count)!.blockNumber + 1;
      arm();
      await harness().sequencer.pollL1();
      assert.equal(status().trouble?.code, 'OPERATION_REPLACED');
      await reorged.untilCertain();
      await reorged.assertWhole();
      assert.equal(reorged.balanceOf(carol), 25n);
    });

    it('goes back when it is told meanwhile that L1 has another queue', async () => {
      const arm = await interrupt('priorityRequests', () => forgetCursor(harness().storage));
      reorged.deposit(carol, 50n);
      await reorged.takenOn(count + 1);
      harness().chain.mine(1);
      arm();
      await harness().sequencer.pollL1();
      assert.equal(readCursor(harness().storage), undefined);
      await harness().sequencer.pollL1();
      assert.notEqual(readCursor(harness().storage), undefined);
    });
  });

  it('takes back operations that no batch has yet without opening one', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const from = harness().indexOf(carol);
    const spent = await pay(carol, from, 0);
    const batches = status().sealedBatch;
    harness().chain.reorg(1);
    await reorged.untilCertain();
    assert.equal(status().sealedBatch, batches);
    await reorged.assertWhole();
    assert.equal(fateOf(spent.id), 'UNDONE_BY_REORG');
  });

  it('is as certain with more confirmations than nodes keep states of', async () => {
    const confirmations = 101;
    await harness().restart({ confirmations });
    reorged.deposit(carol, 50n);
    harness().chain.mine(confirmations);
    await reorged.takenOn(count + 1);
    harness().chain.reorg(confirmations + 1);
    harness().chain.mine(confirmations + 1);
    await harness().until(() => status().trouble?.code === 'OPERATION_TAKEN_BACK', 'the doubt');
    harness().chain.mine(confirmations);
    await harness().until(() => status().priorityOperations === count, 'the taking back');
    await reorged.assertWhole();
  });

  it('takes nothing back when the same is requested again before it is certain', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const sent = await pay(carol, harness().indexOf(carol), 0);
    await harness().settle();
    harness().chain.reorg(3);
    await harness().until(() => status().trouble?.code === 'OPERATION_TAKEN_BACK', 'the doubt');
    reorged.deposit(carol, 50n);
    await reorged.assertWhole();
    assert.deepEqual([fateOf(sent.id), reorged.unseals()], ['final', 0]);
  });

  it('takes nothing back while the same is requested but not confirmed', async () => {
    await harness().restart({ confirmations: 3 });
    reorged.deposit(carol, 50n);
    harness().chain.mine(3);
    await reorged.takenOn(count + 1);
    await harness().sequencer.sealNow();
    harness().chain.reorg(5);
    harness().chain.mine(4);
    await harness().until(() => status().trouble?.code === 'OPERATION_TAKEN_BACK', 'the doubt');
    harness().chain.mine(3);
    reorged.deposit(carol, 50n);
    await harness().clock.advance(10_000);
    assert.equal(status().trouble?.code, 'OPERATION_TAKEN_BACK');
    harness().chain.mine(3);
    await harness().until(() => status().trouble === undefined, 'the end of the doubt');
    assert.equal(reorged.unseals(), 0);
  });

  for (const [found, code] of [
    ['nothing', 'OPERATION_TAKEN_BACK'],
    ['another', 'OPERATION_REPLACED'],
  ] as const) {
    it(`accepts no transfer, and acknowledges those of before, while ${found} is in the place of an operation`, async () => {
      await harness().restart({ confirmations: 2 });
      const before = await pay(alice, harness().from, 0);
      reorged.deposit(carol, 50n);
      harness().chain.mine(1);
      await reorged.takenOn(count + 1);
      harness().chain.reorg(2);
      if (found === 'another') reorged.deposit(bob, 7n);
      harness().chain.mine(found === 'another' ? 1 : 2);
      await harness().until(() => status().trouble?.code === code, 'the doubt');
      assert.equal(status().trouble?.data['queueIndex'], count);
      await assert.rejects(pay(alice, harness().from, 1), { code, data: { queueIndex: count } });
      assert.equal((await pay(alice, harness().from, 0)).sequence, before.sequence);
      // No block comes, so nothing becomes certain; and it is the same after a restart.
      await harness().clock.advance(60_000);
      assert.equal(status().trouble?.code, code);
      await harness().restart({ confirmations: 2 });
      assert.equal(status().trouble?.code, code);
      await assert.rejects(pay(alice, harness().from, 1), { code });
      assert.equal(reorged.unseals(), 0);
      harness().chain.mine(2);
      await harness().until(() => status().trouble === undefined, 'certainty');
      assert.equal(reorged.unseals(), 1);
      assert.equal(status().priorityOperations, found === 'another' ? count + 1 : count);
      await pay(alice, harness().from, 1);
      await harness().clock.advance(1);
      harness().chain.mine(2);
      await harness().until(() => status().openTransfers === 0, 'a batch');
    });
  }

  it('finds what happened while it was down', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const spent = await pay(carol, harness().indexOf(carol), 0);
    await harness().settle();
    await harness().sequencer.stop();
    harness().chain.reorg(3);
    reorged.deposit(dave, 8n);
    harness().chain.mine(5);
    await harness().restart();
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.equal(fateOf(spent.id), 'UNDONE_BY_REORG');
    assert.equal(reorged.balanceOf(dave), 8n);
  });

  it('goes on with what it had when L1 comes back to it before it is certain', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const sent = await pay(carol, harness().indexOf(carol), 0);
    await harness().settle();
    harness().chain.reorg(3);
    reorged.deposit(dave, 8n);
    await harness().until(() => status().trouble?.code === 'OPERATION_REPLACED', 'the doubt');
    harness().chain.reorg(1);
    reorged.deposit(carol, 50n);
    harness().chain.mine(1);
    await reorged.assertWhole();
    assert.deepEqual([fateOf(sent.id), reorged.unseals()], ['final', 0]);
  });

  it('does the same again when the next reorg takes back what the last one brought', async () => {
    const { number: base } = await harness().chain.head();
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const sent = await pay(carol, harness().indexOf(carol), 0);
    await harness().settle();
    for (const amount of [20n, 40n, 30n]) {
      harness().chain.reorg((await harness().chain.head()).number - base);
      reorged.deposit(carol, amount);
      await reorged.untilCertain();
      await reorged.assertWhole();
      assert.equal(fateOf(sent.id), 'final');
      assert.equal(reorged.balanceOf(carol), amount - 11n);
    }
  });

  it('tells accounts of what is undone, and of what becomes of it', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    const from = harness().indexOf(carol);
    const deposited = queries().history.priority(count)!.logged.sequence;
    const spent = await pay(carol, from, 0);
    const kept = await pay(alice, harness().from, 0);
    await harness().settle();
    const told: string[] = [];
    const tell = ({ event }: { event: HistoryEvent }) =>
      void told.push(`${event.logged.sequence} ${event.status} ${event.reason ?? ''}`.trim());
    const fail = (error: unknown) => assert.fail(String(error));
    harness().sequencer.feed.listen(new Set([from, harness().from]), { tell, fail });
    harness().chain.reorg(3);
    await reorged.untilCertain();
    await reorged.assertWhole();
    await harness().clock.advance(1_000);
    const of = (sequence: number) => told.filter((text) => text.startsWith(`${sequence} `));
    assert.deepEqual(of(deposited), [`${deposited} dropped UNDONE_BY_REORG`]);
    assert.deepEqual(of(spent.sequence), [`${spent.sequence} pending`, `${spent.sequence} dropped UNDONE_BY_REORG`]);
    assert.equal(of(kept.sequence)[0], `${kept.sequence} pending`);
    assert.equal(of(kept.sequence).at(-1), `${kept.sequence} final`);
    // Its history says so too; a list of what L1 has does not list it.
    const { events } = queries().history.ofAccount(from, { before: Number.MAX_SAFE_INTEGER, limit: 10 });
    assert.deepEqual(
      events.map(({ status, reason }) => [status, reason]),
      [
        ['dropped', 'UNDONE_BY_REORG'],
        ['dropped', 'UNDONE_BY_REORG'],
      ],
    );
    assert.equal(queries().history.priority(count), undefined);
    assert.deepEqual(queries().history.priorityOf(carol.owner, -1, 10), []);
  });

  it('knows the accounts before it where later ones were folded over them', async () => {
    reorged.deposit(carol, 50n);
    await reorged.takenOn(count + 1);
    await pay(alice, harness().from, 0);
    await harness().settle();
    const { storage } = harness();
    const fold = storage.leaves.fold(status().finalBatch);
    while (storage.stage(() => fold.step()));
    assert.equal(storage.leaves.isFoldedBeyond(status().finalBatch - 1), true);
    harness().chain.reorg(3);
    await reorged.untilCertain();
    await reorged.assertWhole();
    assert.equal(queries().account(harness().from, 'finalized')?.balance, 999_989n);
    await harness().restart();
    await pay(alice, harness().from, 1);
    await reorged.assertWhole();
    assert.equal(queries().proof(harness().from, 'finalized').account?.balance, 999_978n);
  });
});
