import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { createHalting, isReadable, publicMessage, readOnly } from '../../sequencer/halt.ts';

const rejected = new RollupError('BATCH_REJECTED', 'L1 rejected our batch 3');
const file = '/srv/operator/sequencer.db';
const damaged = new RollupError('DATABASE_DAMAGED', `${file} is damaged`);
const used = new RollupError('DATABASE_IN_USE', `${file} is in use`, { file });
const bug = new RollupError('INVARIANT_BROKEN', `a commit failed: TypeError at ${file}`);
const full = new RollupError('DISK_FULL', `the disk of ${file} is full`, { file });

describe('Sequencer: halts', () => {
  it('leave reads to be answered where L1 disagrees, not where database or software is at fault', () => {
    const foreign = new RollupError('FOREIGN_BATCH_FINAL', 'foreign', { batch: 1, expected: 1, actual: 2 });
    const old = new RollupError('BATCH_TOO_OLD', 'old', { batch: 1, time: 1, maxBatchAgeSeconds: 1 });
    assert.deepEqual([rejected, foreign].map(isReadable), [true, true]);
    assert.deepEqual([damaged, bug, old, new Error('anything')].map(isReadable), [false, false, false, false]);
  });

  it('refuse transfers with the reason, without paths of the operator’s machine', () => {
    const refusal = readOnly(rejected);
    assert.deepEqual([refusal.code, refusal.data.reason], ['READ_ONLY', 'BATCH_REJECTED']);
    assert.match(refusal.message, /BATCH_REJECTED.*L1 rejected our batch 3/);
    for (const error of [damaged, full, used, bug]) {
      for (const text of [readOnly(error).message, publicMessage(error)]) assert.doesNotMatch(text, /srv/);
    }
    assert.equal(publicMessage(rejected), rejected.message);
  });

  it('happen once: the first reason stays, and everything is stopped with it', () => {
    const halting = createHalting(silentLogger);
    const stopped: string[] = [];
    halting.onHalt(async ({ code }) => void stopped.push(code));
    assert.equal(halting.reason, undefined);
    halting.halt(rejected);
    halting.halt(damaged);
    assert.equal(halting.reason, rejected);
    halting.onHalt(async ({ code }) => void stopped.push(`late ${code}`));
    assert.deepEqual(stopped, ['BATCH_REJECTED', 'late BATCH_REJECTED']);
  });
});
