import { strict as assert } from 'node:assert';
import { createPerson, type Person } from '../../support/rollup/person.ts';
import { alice, createPayerHarness, type PayerHarness } from '../../support/sequencer/payer.ts';

const carol = createPerson('carol');

describe('Sequencer: a reorg deeper than the confirmations', () => {
  let harness: PayerHarness;

  const status = () => harness.sequencer.status();
  const queries = () => harness.sequencer.queries;
  const depositTo = ({ keyPair, owner }: Person, amount: bigint, tokenId = 0) =>
    harness.chain.deposit(keyPair.publicKey.y, owner, tokenId, amount);
  const balanceOf = (person: Person, tag: 'latest' | 'finalized' = 'finalized') =>
    queries()
      .accountsOf(person.owner, tag, 100, -1)
      .reduce((sum, { account }) => sum + account.balance, 0n);
  const takenOn = (count: number) => harness.until(() => status().priorityOperations === count, 'the operations');
  const statusOf = (id: bigint) => queries().transfer(id)?.status;
  /** New blocks, one at a time, until nothing is in doubt. */
  const untilCertain = async (): Promise<void> => {
    for (let block = 0; block < 20; block++) {
      if (status().trouble === undefined && block > 0) return;
      harness.chain.mine(1);
      await harness.clock.advance(4_000);
    }
    assert.fail(`still in doubt: ${status().trouble?.message} ${status().halted?.message}`);
  };
  const assertWhole = async (): Promise<void> => {
    await harness.settle();
    assert.equal(status().halted, undefined);
    assert.equal(harness.chain.posted.at(-1)?.stateRoot, harness.storage.batches.last()?.header.stateRoot);
    const held = [...harness.storage.leaves.stateAfter(status().finalBatch)]
      .filter(([, { tokenId }]) => tokenId === 0)
      .reduce((sum, [, { balance }]) => sum + balance, 0n);
    assert.equal(held, harness.chain.deposited.get(0));
  };

  beforeEach(async () => {
    harness = await createPayerHarness();
    harness.chain.mine(1);
  });
  afterEach(() => harness.close());

  it('takes back a deposit that L1 has no more, with what it paid for, and executes everything else', async () => {
    const count = status().priorityOperations;
    depositTo(carol, 50n);
    await takenOn(count + 1);
    const account = harness.indexOf(carol);
    const spent = await harness.send(carol, { ...harness.payment(0), from: account });
    const kept = await harness.send(alice, harness.payment(0));
    await harness.settle();
    assert.deepEqual([statusOf(spent.id), statusOf(kept.id)], ['final', 'final']);
    const batches = status().finalBatch;
    harness.chain.reorg(3);
    await untilCertain();
    await assertWhole();
    assert.equal(status().priorityOperations, count);
    assert.equal(status().finalBatch, batches);
    assert.equal(queries().transfer(spent.id)?.drop?.code, 'UNDONE_BY_REORG');
    assert.match(queries().transfer(spent.id)!.drop!.message, /took back deposits.*does not exist/);
    assert.equal(statusOf(kept.id), 'final');
    assert.equal(balanceOf(carol, 'latest'), 0n);
  });
});
