import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { createRetrials } from '../../sequencer/mempool/retrials.ts';

const incomplete = new RollupError('L1_LOGS_INCOMPLETE', 'told to', { what: 'told to' });
const reorg = new RollupError('L1_REORG', 'told to');
const forward = { isRereading: false };

describe('Sequencer: reading L1 again', () => {
  it('goes back at once, and in vain less and less often, until a look comes to its end', () => {
    const retrials = createRetrials();
    /** One look at a node that leaves a log out for good. */
    const look = (): boolean => {
      const trial = retrials.begin();
      if (trial.after(incomplete, forward) === 'giveUp') return false;
      assert.equal(trial.after(incomplete, forward), 'giveUp');
      return true;
    };
    const backAt = Array.from({ length: 300 }, (_, position) => (look() ? position + 1 : 0)).filter((at) => at > 0);
    assert.deepEqual(backAt, [1, 2, 4, 8, 16, 32, 64, 128, 192, 256]);
    retrials.succeeded();
    assert.ok(look());
  });

  it('goes nowhere from the last operation, which is as far back as it gets', () => {
    assert.equal(createRetrials().begin().after(incomplete, { isRereading: true }), 'giveUp');
  });

  it('begins three times where L1 changed meanwhile', () => {
    const trial = createRetrials().begin();
    const retrials = Array.from({ length: 4 }, () => trial.after(reorg, forward));
    assert.deepEqual(retrials, ['here', 'here', 'here', 'giveUp']);
  });

  it('is no help against other errors', () => {
    const unreachable = new RollupError('L1_UNREACHABLE', 'told to');
    assert.equal(createRetrials().begin().after(unreachable, forward), 'giveUp');
  });
});
