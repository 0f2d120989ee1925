import { strict as assert } from 'node:assert';
import { lookOn } from '../../cli/watch/once.ts';
import { explainText } from '../../cli/watch/view.ts';
import type { ReportedBatch, Watcher, WatchReport } from '../../watcher/index.ts';

describe('CLI: one look at L1 while blobs are on their way', () => {
  it('goes on until they have come, or are not to be had', async () => {
    const signal = new AbortController().signal;
    const reports = [true, true, false, false].map((isCatchingUp, index) => ({ isCatchingUp, finalBatch: index }));
    let looks = 0;
    const watcher = {
      async poll(given: AbortSignal) {
        assert.equal(given, signal);
        looks += 1;
        return reports[looks - 1] as WatchReport;
      },
    } as unknown as Watcher;
    assert.equal((await lookOn(watcher, signal)).finalBatch, 2);
    assert.equal(looks, 3);
  });

  it('blames no batch before one that could not be replayed', () => {
    const batch = { number: 7, assertionId: 3n, asserter: '0x01', verdict: 'unverified', faults: [] };
    const text = (failure?: Error) => explainText(batch as unknown as ReportedBatch, failure);
    assert.match(text(), /a batch before it is wrong/);
    assert.equal(text(new Error('nobody has it')), 'batch 7 (assertion 3 of 0x01) is unverified: nobody has it');
  });
});
