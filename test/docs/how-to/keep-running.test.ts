/** The pages Back up, Restore, Upgrade, Monitor, and Halt and recover, as they stand there, on one rollup. */

import { strict as assert } from 'node:assert';
import { cpSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@quittance/sdk';
import { blocksLeft, noteRan } from '../../support/docs/ran.ts';
import { createMachine, type Machine, scriptsOf } from '../../support/ops/machine.ts';
import { type OpsRollup, startOpsRollup } from '../../support/ops/rollup.ts';
import { describeWith } from '../../support/ops/tools.ts';
import { freePort, type Ran } from '../../support/process/machine.ts';
import { until } from '../../support/until.ts';

describe('How to keep a sequencer running', function () {
  this.timeout(180_000);
  let rollup: OpsRollup;
  let machine: Machine;
  const client = () => createClient({ url: machine.url });
  const done = ({ code, stdout, stderr }: Ran): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };
  /** A deposit that is executed in a batch on L1. */
  const deposit = async (): Promise<void> => {
    const { postedBatch } = await client().call('rollup_syncStatus', {});
    const { code, stderr } = await rollup.run('wallet', 'deposit', '--keystore', rollup.keys.alice, '--amount', '1');
    assert.equal(code, 0, stderr);
    await until(async () => (await client().call('rollup_syncStatus', {})).postedBatch > postedBatch, 'a posted batch');
  };

  before(async () => {
    rollup = await startOpsRollup('--challenge-period', '1h');
    const copyTokenFile = join(rollup.folder, 'machine/etc/quittance/copy.token');
    machine = await createMachine(rollup, rollup.keys.producer, { copyPort: await freePort(), copyTokenFile });
    const [token] = scriptsOf('back-up.md', 'Copy without a stop') as [string, string];
    done(await machine.run(token));
    await machine.start();
    await deposit();
  });
  after(() => rollup?.stop());

  it('backs up, and checks the copy', async () => {
    const [, running] = scriptsOf('back-up.md', 'Copy without a stop') as [string, string];
    assert.match(done(await machine.run(running)), /hash of the log/);
    for (const end of ['', '.head']) assert.ok(existsSync(machine.at(`/srv/copies/sequencer.db${end}`)));
    const [copy] = scriptsOf('back-up.md', 'Copy at a stop') as [string];
    const [check] = scriptsOf('back-up.md', 'Check the copy') as [string];
    done(await machine.run(copy));
    assert.ok(machine.sequencer, 'it runs again');
    for (const end of ['', '.head']) assert.ok(existsSync(machine.at(`/srv/backup/sequencer.db${end}`)));
    const said = done(await machine.run(check));
    assert.match(said, /No acknowledged entry is missing/);
    assert.ok(!existsSync(machine.at('/srv/backup/checked.db')));
    assert.deepEqual(blocksLeft('back-up.md'), []);
  });

  it('restores from the copy, and goes on', async () => {
    const before = await client().call('rollup_syncStatus', {});
    const [restore, ask] = scriptsOf('restore.md') as [string, string];
    done(await machine.run(restore));
    assert.ok(existsSync(machine.at('/srv/aside/sequencer.db')), 'the old files are kept');
    assert.deepEqual(JSON.parse(done(await machine.run(ask))), { ready: true });
    const after = await client().call('rollup_syncStatus', {});
    assert.deepEqual([after.sealedBatch, after.postedBatch], [before.sealedBatch, before.postedBatch]);
    await deposit();
  });

  it('recovers from a copy that is older than L1, and from L1 alone', async () => {
    const [recover] = scriptsOf('restore.md', 'From an old copy, or from L1 alone') as [string];
    const database = machine.at('/var/lib/quittance-sequencer/sequencer.db');
    for (const isOld of [true, false]) {
      const before = await client().call('rollup_syncStatus', {});
      await machine.stop();
      for (const end of ['', '-wal', '-shm', '.head', '.defender']) rmSync(`${database}${end}`, { force: true });
      if (isOld)
        for (const end of ['', '.head']) cpSync(machine.at(`/srv/copies/sequencer.db${end}`), `${database}${end}`);
      // It is not running: the script stops it first.
      const said = done(await machine.run(recover.replace(/^systemctl stop.*\n/, '')));
      assert.match(said, /UNKNOWN: what was acknowledged and is in no batch up to \d+/);
      const after = await client().call('rollup_syncStatus', {});
      assert.deepEqual([after.sealedBatch, after.postedBatch], [before.postedBatch, before.postedBatch]);
      await deposit();
    }
    noteRan(recover);
    assert.deepEqual(blocksLeft('restore.md'), []);
  });

  it('refuses a copy whose witness is of another one, as the page says, and starts without it only when told to', async () => {
    await machine.stop();
    const database = machine.at('/data/copy.db');
    cpSync(machine.at('/srv/backup/sequencer.db'), database);
    const keystore = ['--keystore', rollup.keys.producer, '--mode', 'optimistic', '--port', '0'];
    const refused = await rollup.run('sequencer', '--database', database, ...keystore);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /\.head/);
    const trusted = await rollup.start('sequencer', '--database', database, ...keystore, '--trust-without-head');
    assert.equal(await trusted.end(), 0);
    await machine.start();
  });

  it('upgrades: copy, start, version, readiness', async () => {
    const scripts = scriptsOf('upgrade.md');
    assert.equal(scripts.length, 2);
    const [stopAndCopy, start] = scripts as [string, string];
    done(await machine.run(stopAndCopy));
    assert.equal(machine.sequencer, undefined);
    const said = done(await machine.run(start));
    assert.match(said, /^quittance_build_info\{version="[\d.]+",.*role="sequencer"/m);
    assert.match(said, /\{"ready":true\}/);
    await deposit();
    assert.deepEqual(blocksLeft('upgrade.md'), []);
  });

  it('monitors: metrics, readiness, and a replay of L1 that another machine makes', async () => {
    const [ask, , replay] = scriptsOf('monitor.md') as [string, string, string];
    const said = done(await machine.run(ask));
    assert.match(said, /^quittance_last_batch_number\{state="posted"\} \d+$/m);
    assert.match(said, /\{"ready":true\}/);
    assert.match(done(await machine.run(replay)), /^\{.*"stateRoot"/);
  });

  it('asks a sequencer how it is', async () => {
    const [ask] = scriptsOf('halt-and-recover.md') as [string];
    const said = done(await machine.run(ask));
    assert.match(said, /\{"ready":true\}/);
    assert.match(said, /"halted":null/);
  });

  it('salvages a database with a flipped bit, with nothing lost', async () => {
    await machine.stop();
    for (const end of ['', '.head']) {
      cpSync(machine.at(`/var/lib/quittance-sequencer/sequencer.db${end}`), machine.at(`/data/sequencer.db${end}`));
    }
    await machine.start();
    const database = machine.at('/data/sequencer.db');
    const content = readFileSync(database);
    // A header hash of a batch is in its row, and nowhere else twice: one bit of it flips.
    const header = await client().call('rollup_getBatch', { batch: 1 });
    const position = content.indexOf(header.headerHash);
    assert.ok(position > 0);
    const file = openSync(database, 'r+');
    writeSync(file, Buffer.from([content[position + 10]! ^ 1]), 0, 1, position + 10);
    const keystore = ['--keystore', rollup.keys.producer, '--mode', 'optimistic', '--port', '0'];
    const refused = await rollup.run('sequencer', '--database', database, ...keystore);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /DATABASE_DAMAGED/);
    const [salvage] = scriptsOf('halt-and-recover.md', 'Salvage') as [string];
    assert.match(done(await machine.run(salvage)), /No acknowledged entry is missing/);
    const saved = await rollup.start('sequencer', '--database', machine.at('/data/saved.db'), ...keystore);
    assert.equal(await saved.end(), 0);
    rmSync(machine.at('/data/saved.db'));
    assert.deepEqual(blocksLeft('halt-and-recover.md'), []);
  });

  it('runs a sequencer as the page says, on files of this machine', async () => {
    const [script] = scriptsOf('run-a-sequencer.md') as [string];
    const files = ['producer.json', 'producer.password', '/var/lib/quittance-sequencer/sequencer.db', 'final.zkey'];
    let line = script.trim().replace('quittance ', '').replace('--port 3000', '--port 0');
    // It goes on with the database of this machine: L1 has batches that an empty one would lack.
    line = line.replace('data/sequencer.db', '/var/lib/quittance-sequencer/sequencer.db');
    for (const file of files) line = line.replace(file, machine.at(file));
    await machine.stop();
    cpSync(rollup.keys.producer, machine.at('producer.json'));
    const started = await rollup.start(...line.split(' '), '--mode', 'optimistic');
    assert.equal(started.said['contract'], rollup.contract);
    assert.equal(await started.end(), 0);
    await machine.start();
    noteRan(script);
    assert.deepEqual(blocksLeft('run-a-sequencer.md'), []);
  });

  describeWith('promtool', 'with Prometheus', () => {
    it('checks configuration, rules and their tests', async () => {
      const [, check] = scriptsOf('monitor.md') as [string, string];
      assert.match(done(await machine.run(check)), /SUCCESS/);
      assert.deepEqual(blocksLeft('monitor.md'), []);
    });
  });
});
