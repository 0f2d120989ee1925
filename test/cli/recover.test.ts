/** `quittance sequencer recover` on a real L1, and what it tells people. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { openStorage } from '../../storage/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { runCli } from '../support/process/cli.ts';
import { createPerson } from '../support/rollup/person.ts';
import { type RunningRollup, startRollup } from '../support/sequencer/running.ts';

describe('CLI: quittance sequencer recover', function () {
  this.timeout(120_000);
  let folder: string;
  let l1: LocalChain;
  let provider: ReturnType<typeof createProvider>;
  let rollup: RunningRollup;
  const run = (database: string, ...more: string[]) => {
    const place = ['--l1-url', l1.url, '--contract', rollup.contract, '--from-block', String(rollup.block)];
    return runCli(['sequencer', 'recover', ...place, '--database', join(folder, database), ...more]);
  };

  before(async () => {
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-recover-'));
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    rollup = await startRollup(provider, join(folder, 'lost.db'), 1);
    await depositFor(rollupAt(rollup.contract, l1Wallet(2).connect(provider)), createPerson('alice'), 1_000n);
    await rollup.settle(1);
    await rollup.stop();
  });
  after(async () => {
    provider?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes an empty file what the lost one was, and says from when on nothing acknowledged is known', async () => {
    const { code, stdout, stderr } = await run('anew.db');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^database +\S+anew\.db\nbatches made from L1 +1 to 1\nlast batch +1\nstate root +0x[0-9a-f]+\naccounts +1\n/,
    );
    assert.match(
      stdout,
      /UNKNOWN: what was acknowledged and is in no batch up to 1\. That is everything acknowledged since 20\d\d-/,
    );
    const [lost, anew] = ['lost.db', 'anew.db'].map((name) => openStorage({ file: join(folder, name) }));
    assert.deepEqual(anew!.batches.last()!.header, lost!.batches.last()!.header);
    for (const storage of [lost!, anew!]) storage.close();
    const again = await run('anew.db', '--json');
    const { adopted, batch } = JSON.parse(again.stdout) as { adopted?: object; batch: number };
    assert.deepEqual([again.code, adopted, batch], [0, undefined, 1]);
    assert.match((await run('anew.db')).stdout, /batches made from L1 +none: it has all that L1 has/);
  });

  it('is no way around a journal, unless that is said to be lost', async () => {
    const storage = openStorage({ file: join(folder, 'node.db') });
    storage.commit(() => storage.meta.set('journal', 'some journal'));
    storage.close();
    const refused = await run('node.db');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /belongs to a journal.*--leave-journal/);
    const { code, stderr } = await run('node.db', '--leave-journal');
    assert.equal(code, 0, stderr);
    const left = openStorage({ file: join(folder, 'node.db') });
    assert.deepEqual([left.meta.get('journal'), left.batches.last()!.number], [undefined, 1]);
    left.close();
  });
});
