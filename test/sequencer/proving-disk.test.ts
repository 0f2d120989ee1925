import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import { alice, createPayerHarness } from '../support/sequencer/payer.ts';

describe('Proving on a disk that is full', () => {
  it('halts when the next batch cannot be noted behind the proof of the one before it', async () => {
    let isFull = false;
    const wrapStorage = (storage: Storage): Storage => ({
      ...storage,
      batches: {
        ...storage.batches,
        setProving(number) {
          if (isFull) throw new RollupError('DISK_FULL', 'there is no space left', { file: storage.file });
          storage.batches.setProving(number);
        },
      },
    });
    const harness = await createPayerHarness({ wrapStorage });
    try {
      harness.prover.hold();
      for (const nonce of [0, 1]) {
        await harness.send(alice, harness.payment(nonce));
        await harness.sequencer.sealNow();
      }
      isFull = true;
      harness.prover.release();
      await harness.until(() => harness.sequencer.status().halted !== undefined, 'the halt');
      assert.equal(harness.sequencer.status().halted?.code, 'DISK_FULL');
    } finally {
      await harness.close();
    }
  });
});
