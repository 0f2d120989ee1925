import { strict as assert } from 'node:assert';
import type { SequencerSettings } from '../../../sequencer/index.ts';
import { createPerson } from '../../support/rollup/person.ts';
import { TERMS } from '../../support/sequencer/fake-assertions.ts';
import { alice } from '../../support/sequencer/payer.ts';
import { createReorged } from '../../support/sequencer/reorged.ts';

const carol = createPerson('carol');

const MODES: readonly Partial<SequencerSettings>[] = [
  { mode: 'zk', data: 'blobs' },
  { mode: 'optimistic', data: 'calldata' },
  { mode: 'optimistic', data: 'blobs' },
  { mode: 'hybrid', data: 'calldata' },
];

describe('Sequencer: a deep reorg in every mode', () => {
  for (const settings of MODES) {
    for (const stage of ['posted', 'final'] as const) {
      it(`seals anew in mode ${settings.mode} with ${settings.data} what was ${stage}, and executes what it can`, async () => {
        const reorged = await createReorged({ blobsAllowed: true });
        const { harness } = reorged;
        const isAsserted = settings.mode !== 'zk';
        const status = () => harness.sequencer.status();
        const stateOf = (id: bigint) => harness.sequencer.queries.transfer(id)?.status;
        const untilFinal = () =>
          harness.until(() => {
            if (isAsserted) harness.chain.advanceTime(TERMS.challengePeriodSeconds / 4);
            harness.chain.mine(1);
            return status().openTransfers === 0 && status().sealedBatch === status().finalBatch;
          }, 'finality');
        try {
          await harness.restart(settings);
          const { number: base } = await harness.chain.head();
          const count = status().priorityOperations;
          reorged.deposit(carol, 50n);
          await reorged.takenOn(count + 1);
          const spent = await harness.send(carol, harness.payment(0, { from: harness.indexOf(carol) }));
          const kept = await harness.send(alice, harness.payment(0));
          await harness.sequencer.sealNow();
          await harness.until(() => ['posted', 'final'].includes(stateOf(kept.id)!), 'the batch on L1');
          if (stage === 'final') await untilFinal();
          harness.chain.reorg((await harness.chain.head()).number - base);
          await reorged.untilCertain();
          await harness.until(() => status().trouble === undefined, 'the end of trouble');
          await harness.sequencer.sealNow();
          await untilFinal();
          assert.deepEqual([stateOf(spent.id), stateOf(kept.id)], ['dropped', 'final']);
          assert.equal(reorged.balanceOf(alice, 'finalized'), 999_989n);
          await reorged.assertWhole();
          assert.equal(reorged.unseals(), 1);
          if (!isAsserted) return;
          // The bonds of what L1 took back are nobody's, those of what it has now come back.
          const lost = harness.assertions.asserted.length - (harness.assertions.sent.get('assertBatch') ?? 0);
          await harness.until(() => harness.assertions.collected % TERMS.assertionBond === 0n, 'whole bonds');
          assert.ok(harness.assertions.collected > 0n && lost === 0);
        } finally {
          await harness.close();
        }
      });
    }
  }
});
