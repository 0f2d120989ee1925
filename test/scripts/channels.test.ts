/** `./dev start --once --mode channels`, with fewer wallets and payments. */

import { strict as assert } from 'node:assert';
import { PROFILES } from '@quittance/protocol';
import { formatChannelReport, runChannelScenario } from '../../scripts/channels/scenario.ts';
import { startRollup } from '../../scripts/devnet/rollup.ts';
import { describeNative } from '../support/native.ts';

const SILENT = { begin: () => undefined, update: () => undefined, end: () => undefined, say: () => undefined };

describeNative('./dev start --once --mode channels', function () {
  this.timeout(300_000);

  it('pays over one hub and two, catches both cheaters, and closes everything with the right balances', async () => {
    const rollup = await startRollup({
      ...{ profile: PROFILES.quick, backend: 'native', port: 0, progress: SILENT, mode: 'zk' },
      sealAfterMs: 500,
    });
    try {
      const report = await runChannelScenario(rollup, { wallets: 4, payments: 24, progress: SILENT });
      const { payments, onChainTransactions, closedTogether, closedAlone, cheatersCaught, balancesRight } = report;
      // Two channels of each wallet, of which three are closed alone, and four between the hubs.
      assert.deepEqual([payments, onChainTransactions, closedTogether, closedAlone], [24, 0, 9, 3]);
      assert.deepEqual([cheatersCaught, balancesRight], [2, true]);
      assert.ok(report.overTwoHubs > 0 && report.overTwoHubs < payments, String(report.overTwoHubs));
      assert.match(formatChannelReport(report), /cheaters caught: 2\nbalances +all right$/);
    } finally {
      await rollup.stop();
    }
  });
});
