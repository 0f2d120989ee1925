/** The tutorials First payment and Leave without the operator, as they stand there. */

import { strict as assert } from 'node:assert';
import { runPage } from '../support/docs/page.ts';

describe('tutorials', function () {
  this.timeout(300_000);

  it('pay, credit and withdraw: first-payment.md', async () => {
    const written = await runPage('docs/tutorials/first-payment.md');
    assert.match(written, /accepted: \d+, fee \d+ wei/);
    assert.match(written, /Bob has 101\d{18} wei that nobody can take back/);
    assert.match(written, /sequencer +127\.0\.0\.1:\d+, version .*, mode optimistic/);
    // By curl: what it was answered, and what became of it.
    assert.match(written, /"result":\{"id":"\d+","sequence":\d+,"status":"pending"\}/);
    assert.match(written, /"amount":"500000000000000000".*"reference":"0x6f726465722034373132"/);
    assert.match(written, /1000000000000000000 wei came in for "order 4711"/);
    assert.match(written, /1000000000000000000 wei on L1 by 0x[0-9a-f]{64}/);
  });

  it('leave by L1 alone: leave-without-the-operator.md', async () => {
    const written = await runPage('docs/tutorials/leave-without-the-operator.md');
    assert.match(written, /exit of account \d+ requested/);
    assert.match(written, /0x[0-9a-f]{64}/);
  });
});
