/** The pages Leave without the operator and Run a watcher, as they stand there; also without the operator. */

import { strict as assert } from 'node:assert';
import { copyFileSync } from 'node:fs';
import { createProvider } from '@quittance/chain';
import { createClient } from '@quittance/sdk';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { blocksLeft, noteRan } from '../../support/docs/ran.ts';
import { createMachine, type Machine, scriptsOf } from '../../support/ops/machine.ts';
import { type OpsRollup, PEOPLE, startOpsRollup } from '../../support/ops/rollup.ts';
import type { Ran } from '../../support/process/machine.ts';
import { until } from '../../support/until.ts';

/** Longer than all delays of the contract together. */
const AGES_SECONDS = 60 * 86_400;
const ETHER = 10n ** 18n;

describe('How to leave', function () {
  this.timeout(240_000);
  let rollup: OpsRollup;
  let machine: Machine;
  let provider: ReturnType<typeof createProvider>;
  const alice = l1Wallet(PEOPLE.alice).address;
  const client = () => createClient({ url: machine.url });
  const done = ({ code, stdout, stderr }: Ran): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };
  const final = async () => (await client().call('rollup_syncStatus', {})).finalBatch;
  /** Waits for finality: its clock is that of L1, which needs blocks. */
  const becomesFinal = (batch: number) =>
    until(async () => {
      await provider.send('evm_mine', []);
      return (await final()) >= batch;
    }, `batch ${batch} to be final`);
  const sealed = async () => (await client().call('rollup_syncStatus', {})).sealedBatch;

  before(async () => {
    const periods = ['--challenge-period', '3s', '--answer-window', '3s', '--step-window', '3s'];
    rollup = await startOpsRollup(...periods);
    provider = createProvider({ url: rollup.l1.url, chainId: LOCAL_CHAIN_ID });
    machine = await createMachine(rollup, rollup.keys.producer, { feeTokens: '0:0' });
    copyFileSync(rollup.keys.alice, machine.at('alice.key'));
    copyFileSync(rollup.keys.watcher, machine.at('challenger.json'));
    await machine.start();
    done(await machine.run('quittance wallet deposit --keystore alice.key --amount 10'));
    await until(async () => (await sealed()) === 1, 'a batch');
    await becomesFinal(1);
  });
  after(async () => {
    provider?.destroy();
    await rollup?.stop();
  });

  it('withdraws through the operator, and claims', async () => {
    const before = await provider.getBalance(alice);
    const [friendly] = scriptsOf('leave-without-the-operator.md') as [string];
    let isOver = false;
    const run = machine.run(friendly).finally(() => {
      isOver = true;
    });
    await until(async () => {
      await provider.send('evm_mine', []);
      return isOver;
    }, 'the withdrawal to be final and claimed');
    done(await run);
    const gained = (await provider.getBalance(alice)) - before;
    assert.ok(gained > (19n * ETHER) / 10n && gained <= 2n * ETHER, String(gained));
  });

  it('watches: one look, what waits, and a process for each mode', async () => {
    const [script] = scriptsOf('run-a-watcher.md') as [string];
    const lines = script.split('\n').filter((line) => line !== '');
    assert.equal(lines.length, 5);
    const [once, observe, challenge, list] = lines as [string, string, string, string];
    assert.match(done(await machine.run(once)), /"finalBatch":2/);
    assert.match(done(await machine.run(list)), /no dispute is open/);
    const replaced: Readonly<Record<string, string>> = {
      'https://other-node.example': rollup.l1.url,
      'https://alerts.example/hook': `${machine.url}/hook`,
      '9100': '0',
      'challenger.json': machine.at('challenger.json'),
      'challenger.password': machine.at('challenger.json'),
      'data/watcher.db': machine.at('/data/watcher.db'),
    };
    for (const line of [observe, challenge]) {
      let text = line.replace(/\s+#.*$/, '').replace('quittance ', '');
      for (const [word, here] of Object.entries(replaced)) text = text.replaceAll(word, here);
      const watcher = await rollup.start(...text.split(' '), '--l1-poll-ms', '100');
      assert.equal(watcher.said['finalBatch'], 2);
      assert.equal(await watcher.end(), 0);
    }
    const explained = await machine.run(lines[4]!.replace('17', '1'));
    assert.match(explained.stderr, /NOT_FOUND: batch 1 is final/);
    noteRan(script);
    const [, earnings] = scriptsOf('run-a-watcher.md') as [string, string];
    assert.match(done(await machine.run(earnings)), /earned\s+0\.0 ETH/);
    assert.deepEqual(blocksLeft('run-a-watcher.md'), []);
  });

  it('keeps an archive, and replays from it', async () => {
    const [script] = scriptsOf('keep-an-archive.md') as [string];
    const lines = script
      .trim()
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, ''));
    const [keepOn, once, quarter, replay, fromSnapshot] = lines as [string, string, string, string, string];
    // anvil has the blobs of its blocks; this rollup has none, so nothing asks the mirror.
    const here: Record<string, string> = { 'http://127.0.0.1:5052': rollup.l1.url, '1200.snapshot': '2.snapshot' };
    assert.match(done(await machine.run(`${once} --snapshot-every 1`, here)), /2/);
    for (const line of [keepOn, quarter]) {
      let text = line.replace('quittance ', '').replace('http://127.0.0.1:5052', rollup.l1.url);
      text = text.replace(/--folder (\w+)/, (_, name: string) => `--folder ${machine.at(`${name}-on`)}`);
      const kept = await rollup.start(...text.split(' '));
      assert.equal(await kept.end(), 0);
    }
    for (const line of [replay, fromSnapshot]) assert.match(done(await machine.run(line, here)), /state root/);
    noteRan(script);
    assert.deepEqual(blocksLeft('keep-an-archive.md'), []);
  });

  it('exits by L1 when the operator does not answer, which has to execute it', async () => {
    const scripts = scriptsOf('leave-without-the-operator.md');
    assert.equal(scripts.length, 4);
    noteRan(scripts[2]!);
    const [ask, claim] = scripts[2]!.trim().split('\n') as [string, string];
    const next = (await sealed()) + 1;
    done(await machine.run(ask));
    await until(async () => (await sealed()) >= next, 'the exit in a batch');
    await becomesFinal(next);
    const before = await provider.getBalance(alice);
    done(await machine.run(claim));
    const gained = (await provider.getBalance(alice)) - before;
    assert.ok(gained > 7n * ETHER, String(gained));
  });

  it('ends the rollup when the operator is gone, and takes out what is there', async () => {
    done(await machine.run('quittance wallet deposit --keystore alice.key --amount 3'));
    const next = (await sealed()) + 1;
    await until(async () => (await sealed()) >= next, 'the deposit in a batch');
    await becomesFinal(next);
    await machine.stop();
    const [, , byL1, end] = scriptsOf('leave-without-the-operator.md') as [string, string, string, string];
    const [ask] = byL1.split('\n') as [string];
    done(await machine.run(ask));
    const early = await machine.run(end);
    assert.equal(early.code, 5, early.stderr);
    assert.match(early.stderr, /EXODUS_NOT_DUE/);
    await provider.send('evm_increaseTime', [AGES_SECONDS]);
    await provider.send('evm_mine', []);
    const before = await provider.getBalance(alice);
    done(await machine.run(end));
    const gained = (await provider.getBalance(alice)) - before;
    assert.ok(gained > (29n * ETHER) / 10n, String(gained));
    // To another rollup: deploy-and-move.test.ts has one.
    assert.deepEqual(blocksLeft('leave-without-the-operator.md'), [scriptsOf('leave-without-the-operator.md')[1]]);
  });
});
