/** What dashboard and rules ask for is there at a sequencer, a watcher, a hub and a tower that run, and their processes behave. */

import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@quittance/sdk';
import { TOWER_ALERTS } from '../../channels/index.ts';
import { ROWS } from '../../scripts/generate/dashboard/panels.ts';
import { findPostgres } from '../../scripts/postgres/find.ts';
import { type PostgresPair, startPostgresPair } from '../../scripts/postgres/pair.ts';
import { leaveOut } from '../support/native.ts';
import { namesIn, namesOf, rulesOf } from '../support/ops/names.ts';
import { type OpsRollup, type Running, startOpsRollup } from '../support/ops/rollup.ts';
import { spawnCli, writePrivate } from '../support/process/cli.ts';
import { until } from '../support/until.ts';

/** What only a sequencer has that is one of several nodes. */
const OF_CLUSTERS = /^quittance_(node|log|journal)_/;

describe('Metrics of running processes', function () {
  this.timeout(180_000);
  // The sequencer of these tests is the one node of a cluster, where that can be.
  const hasPostgres = findPostgres() !== undefined;
  if (!hasPostgres) leaveOut('Metrics of running processes: those of a cluster (no PostgreSQL)');
  let postgres: PostgresPair | undefined;
  let rollup: OpsRollup;
  let sequencer: Running;
  let watcher: Running;
  let hub: Running;
  let tower: Running;
  const urlOf = ({ said }: Running) => String(said['metricsUrl'] ?? said['url']);
  const read = async (process: Running, path = '/metrics') => (await fetch(`${urlOf(process)}${path}`)).text();
  const seriesOf = (page: string, series: string): number | undefined => {
    const line = page.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  };

  before(async () => {
    rollup = await startOpsRollup('--challenge-period', '1h');
    const { folder, keys } = rollup;
    postgres = hasPostgres ? await startPostgresPair() : undefined;
    const journal =
      postgres === undefined
        ? []
        : ['--journal-file', writePrivate(folder, 'journal', postgres.url), '--advertise-url', 'http://node.example'];
    const mode = [...journal, '--mode', 'optimistic', '--seal-after', '1s', '--l1-poll-ms', '100', '--port', '0'];
    sequencer = await rollup.start(
      'sequencer',
      '--keystore',
      keys.producer,
      '--database',
      join(folder, 's.db'),
      ...mode,
    );
    const looks = ['--l1-poll-ms', '100', '--metrics-port', '0', '--database', join(folder, 'w.db')];
    watcher = await rollup.start('watch', '--mode', 'defend', '--keystore', keys.producer, ...looks);
    const deposited = await rollup.run('wallet', 'deposit', '--keystore', keys.alice, '--amount', '1');
    assert.equal(deposited.code, 0, deposited.stderr);
    const client = createClient({ url: String(sequencer.said['url']) });
    await until(async () => (await client.call('rollup_syncStatus', {})).postedBatch === 1, 'a posted batch');
    const isSeen = async () =>
      seriesOf(await read(watcher), 'quittance_watch_last_batch_number{state="waiting"}') === 1;
    await until(isSeen, 'the watcher to see it');
    const deployed = await rollup.run('channel', 'deploy', '--keystore', keys.deployer, '--json');
    assert.equal(deployed.code, 0, deployed.stderr);
    const contract = ['--channels', (JSON.parse(deployed.stdout) as { channels: string }).channels];
    const store = join(folder, 'hub.db');
    const rpc = ['--rpc-url', String(sequencer.said['url'])];
    const numbers = ['--metrics-port', '0'];
    hub = await rollup.start(
      'hub',
      ...contract,
      ...rpc,
      '--keystore',
      keys.alice,
      '--store',
      store,
      '--port',
      '0',
      ...numbers,
    );
    const watches = ['--store', store, '--mode', 'guard', '--l1-poll-ms', '100', ...numbers];
    tower = await rollup.start('channel', 'watch', ...contract, '--keystore', keys.watcher, ...watches);
  });
  after(async () => {
    await rollup?.stop();
    await postgres?.stop();
  });

  it('are all that the dashboard shows and the rules judge', async () => {
    const pages = await Promise.all([sequencer, watcher, hub, tower].map((process) => read(process)));
    const existing = new Set(pages.flatMap((page) => [...namesOf(page)]));
    const rules = rulesOf();
    for (const { name, isRecorded } of rules) if (isRecorded) existing.add(name);
    const asked = [
      ...rules.map(({ name, expression }) => ({ where: `rule ${name}`, expression })),
      ...ROWS.flatMap(({ panels }) => panels).flatMap(({ title, queries }) =>
        queries.map(({ expr }) => ({ where: `panel ${title}`, expression: expr })),
      ),
    ];
    const isThere = (name: string) => existing.has(name) || (!hasPostgres && OF_CLUSTERS.test(name));
    const missing = asked.flatMap(({ where, expression }) =>
      namesIn(expression)
        .filter((name) => !isThere(name))
        .map((name) => `${where} asks for ${name}`),
    );
    assert.deepEqual(missing, []);
    assert.ok(asked.filter(({ expression }) => namesIn(expression).length > 0).length > 100);
  });

  it('of the sequencer tell its money, its gas and its bonds', async () => {
    const page = await read(sequencer);
    assert.equal(seriesOf(page, 'quittance_bonds_posted_wei'), 0.3e18);
    assert.equal(seriesOf(page, 'quittance_bonds_at_risk_wei'), 0);
    assert.ok(seriesOf(page, 'quittance_l1_gas_total{kind="assertBatch"}')! > 100_000);
    assert.ok(seriesOf(page, 'quittance_l1_spent_wei_total{kind="assertBatch"}')! > 0);
    const balance = seriesOf(page, 'quittance_l1_balance_wei')!;
    assert.ok(balance > 999_000e18 && balance < 1_000_000e18 - 0.3e18, String(balance));
    assert.equal(seriesOf(page, 'quittance_last_batch_number{state="posted"}'), 1);
    assert.ok(seriesOf(page, 'quittance_oldest_unfinal_seconds')! >= 0);
    assert.equal(seriesOf(page, 'quittance_oldest_unposted_seconds'), undefined);
    assert.equal(seriesOf(page, 'quittance_priority_pending_count'), 0);
    assert.match(
      page,
      /^quittance_build_info\{version="[\d.]+",node="v\d+[\d.]+",role="sequencer",mode="optimistic"\} 1$/m,
    );
    assert.doesNotMatch(page, /^quittance_halted_info/m);
  });

  if (hasPostgres) {
    it('of a node of a cluster tell that it leads, and has a standby', async () => {
      const page = await read(sequencer);
      assert.equal(seriesOf(page, 'quittance_node_leads_info'), 1);
      assert.equal(seriesOf(page, 'quittance_journal_standby_info'), 1);
      assert.equal(seriesOf(page, 'quittance_log_lag_count'), 0);
      assert.ok(seriesOf(page, 'quittance_log_head_number')! > 0);
    });
  }

  it('of the watcher tell its money and its last look', async () => {
    const page = await read(watcher);
    assert.equal(seriesOf(page, 'quittance_watch_staked_wei'), 0.3e18);
    assert.ok(seriesOf(page, 'quittance_watch_balance_wei')! > 999_000e18);
    assert.ok(Math.abs(Date.now() / 1_000 - seriesOf(page, 'quittance_watch_last_poll_timestamp_seconds')!) < 60);
    assert.equal(seriesOf(page, 'quittance_watch_alerts_total{kind="lieFound"}'), 0);
    assert.match(page, /role="watcher",mode="defend"\} 1$/m);
  });

  it('of the hub tell its channels, and that it has not failed', async () => {
    const page = await read(hub);
    assert.equal(seriesOf(page, 'quittance_hub_channels_count{stage="open"}'), 0);
    assert.equal(seriesOf(page, 'quittance_hub_htlcs_count'), 0);
    assert.equal(seriesOf(page, 'quittance_hub_payments_total'), 0);
    assert.equal(seriesOf(page, 'quittance_hub_failed_count'), 0);
    assert.ok(seriesOf(page, 'quittance_hub_l1_unseen_seconds')! < 60);
    assert.ok(seriesOf(page, 'quittance_hub_balance_wei')! > 999_000e18);
    assert.ok(Math.abs(Date.now() / 1_000 - seriesOf(page, 'process_start_time_seconds')!) < 180);
    assert.match(page, /role="hub",mode="hub"\} 1$/m);
  });

  it('of the tower tell its money, its last look, and each kind of alert from 0 on', async () => {
    const page = await read(tower);
    assert.ok(seriesOf(page, 'quittance_tower_balance_wei')! > 999_000e18);
    assert.ok(Math.abs(Date.now() / 1_000 - seriesOf(page, 'quittance_tower_last_look_timestamp_seconds')!) < 60);
    assert.equal(seriesOf(page, 'quittance_tower_channels_count{phase="old"}'), 0);
    assert.equal(seriesOf(page, 'quittance_tower_problems_count'), 0);
    for (const kind of TOWER_ALERTS) assert.equal(seriesOf(page, `quittance_tower_alerts_total{kind="${kind}"}`), 0);
    assert.match(page, /role="tower",mode="guard"\} 1$/m);
  });

  it('stand beside /livez and a /readyz that says ready', async () => {
    for (const process of [sequencer, watcher, hub, tower]) {
      assert.deepEqual(JSON.parse(await read(process, '/readyz')), { ready: true });
      assert.deepEqual(JSON.parse(await read(process, '/livez')), { live: true });
    }
  });

  it('come with a log of JSON lines and nothing else, and an end with 0 on SIGTERM', async () => {
    for (const process of [tower, hub, watcher, sequencer]) {
      assert.equal(await process.end('SIGTERM'), 0);
      const lines = process.log().trim().split('\n');
      // Where no channel is, hub and tower have nothing to say but that they end.
      if (process === sequencer || process === watcher) assert.ok(lines.length > 1);
      for (const line of lines) {
        const { level, time, msg } = JSON.parse(line) as Record<string, unknown>;
        assert.ok(
          ['debug', 'info', 'warn', 'error'].includes(String(level)) && !Number.isNaN(Date.parse(String(time))),
          line,
        );
        assert.equal(typeof msg, 'string');
      }
      assert.match(process.log(), /stopping; press again to stop at once/);
    }
  });

  for (const [command, database] of [
    ['sequencer', 'never-s.db'],
    ['watch', 'never-w.db'],
  ] as const) {
    it(`are not there when SIGTERM comes before ${command} is ready: it ends with 130, having changed nothing`, async () => {
      const { folder, keys } = rollup;
      // A node that answers the first question and no other keeps it at its start.
      let asked: () => void = () => undefined;
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const silent = createServer((request, response) => {
        let body = '';
        request.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        request.once('end', () => {
          if (!body.includes('eth_chainId')) return asked();
          const { id } = [JSON.parse(body)].flat()[0] as { id: number };
          response
            .setHeader('content-type', 'application/json')
            .end(JSON.stringify({ jsonrpc: '2.0', id, result: '0x7a69' }));
        });
      });
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      const file = join(folder, database);
      const flags = ['--keystore', keys.producer, '--database', file, '--l1-url', url];
      const child = spawnCli([command, ...flags], { environment: rollup.environment });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      await isAsked;
      child.kill('SIGTERM');
      assert.equal(await ended, 130);
      assert.ok(!existsSync(file));
      silent.closeAllConnections();
      await new Promise((resolve) => silent.close(resolve));
    });
  }

  it('are logged as text where that is asked for, the reason of an end too', async () => {
    const { folder, keys } = rollup;
    const flags = ['--keystore', keys.alice, '--database', join(folder, 'x.db'), '--mode', 'optimistic'];
    const refused = await rollup.run('sequencer', ...flags, '--log-format', 'text');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^\d\d:\d\d:\d\d\.\d{3} ERROR 0x\w+ is no producer of .+ code=CONFIG_INVALID/m);
    const asJson = await rollup.run('sequencer', ...flags, '--log-format', 'json');
    const last = JSON.parse(asJson.stderr.trim().split('\n').at(-1)!) as Record<string, unknown>;
    assert.deepEqual([last['level'], last['code']], ['error', 'CONFIG_INVALID']);
  });
});
