/** `quittance devnet --lie`: practice for whoever wants to watch. */

import { strict as assert } from 'node:assert';
import { spawnCli } from '../support/process/cli.ts';
import { startDevnet } from '../support/process/devnet.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 180_000;

describe('quittance devnet --lie', function () {
  this.timeout(TIMEOUT_MS);

  it('lies with --lie, and pays whoever disputes it with the command of its banner', async () => {
    const devnet = await startDevnet(['--lie']);
    try {
      let isOver = false;
      void devnet.ended.then(() => {
        isOver = true;
      });
      await until(() => isOver || /LIE: batch \d+ now waits/.test(devnet.said()), 'a lie', { explain: devnet.said });
      const { challenger } = devnet.info.configs;
      const watcher = spawnCli(['watch', '--config', challenger, '--quiet']);
      try {
        const won = /rejected: half of its bond goes to (0x[0-9a-fA-F]{40})/;
        await until(() => isOver || won.test(devnet.said()), 'the end of the lie', { explain: devnet.said });
        const winner = won.exec(devnet.said())?.[1];
        // Position 14 of the mnemonic, which nobody but the challenger uses.
        assert.equal(winner, '0xdF3e18d64BC6A983f673Ab319CCaE4f1a57C7097');
        assert.doesNotMatch(devnet.said(), /the devnet's own watcher does/);
      } finally {
        watcher.kill('SIGKILL');
      }
    } finally {
      devnet.child.kill('SIGTERM');
    }
    assert.equal(await devnet.ended, 0, devnet.said());
  });
});
