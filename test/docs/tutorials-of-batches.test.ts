/** The tutorials Catch a lie and Run a prover, as they stand there. */

import { strict as assert } from 'node:assert';
import { runPage } from '../support/docs/page.ts';
import { describeNative } from '../support/native.ts';

describe('the tutorial catch-a-lie.md', function () {
  this.timeout(300_000);

  it('overturns a lie', async () => {
    const written = await runPage('docs/tutorials/catch-a-lie.md');
    assert.match(written, /batch \d+ is wrong/);
    assert.match(written, /L1 rejected batch \d+/);
    assert.match(written, /verdict/);
    assert.match(written, /showed the lie in batch \d+/);
  });
});

describeNative('the tutorial run-a-prover.md', function () {
  this.timeout(300_000);

  it('makes a payment final by a proof', async () => {
    assert.match(await runPage('docs/tutorials/run-a-prover.md'), /\d+ {2}final/);
  });
});
