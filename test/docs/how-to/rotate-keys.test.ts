/** The pages Rotate keys and Run behind a proxy: a producer, the fee and the operator really change. */

import { strict as assert } from 'node:assert';
import { copyFileSync, readFileSync } from 'node:fs';
import { createProvider } from '@quittance/chain';
import { createClient } from '@quittance/sdk';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { DEFAULT_PORT } from '../../../cli/sequencer/settings.ts';
import { DEFAULT_API_CONFIG } from '../../../sequencer/api/config.ts';
import { blocksLeft, noteRan } from '../../support/docs/ran.ts';
import { startExternalSigner } from '../../support/l1/external-signer.ts';
import { forward, startRpcStub } from '../../support/l1/rpc-stub.ts';
import { createMachine, type Machine, scriptsOf } from '../../support/ops/machine.ts';
import { callFrom, startProxy } from '../../support/ops/proxy.ts';
import { type OpsRollup, PEOPLE, startOpsRollup } from '../../support/ops/rollup.ts';
import type { Ran } from '../../support/process/machine.ts';
import { readDocument } from '../../support/sources/markdown.ts';
import { until } from '../../support/until.ts';

const DELAY_SECONDS = 3_600;
/** Calls at a time. */
const BURST = 64;
const OLD = l1Wallet(PEOPLE.deployer).address;
const NEW = l1Wallet(PEOPLE.producer).address;

describe('How to rotate keys', function () {
  this.timeout(180_000);
  let rollup: OpsRollup;
  let machine: Machine;
  let provider: ReturnType<typeof createProvider>;
  const client = () => createClient({ url: machine.url });
  const done = ({ code, stdout, stderr }: Ran): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };
  const pass = async (): Promise<void> => {
    await provider.send('evm_increaseTime', [DELAY_SECONDS + 1]);
    await provider.send('evm_mine', []);
  };
  const deposit = async (): Promise<void> => {
    const { postedBatch } = await client().call('rollup_syncStatus', {});
    const { code, stderr } = await rollup.run('wallet', 'deposit', '--keystore', rollup.keys.alice, '--amount', '1');
    assert.equal(code, 0, stderr);
    await until(async () => (await client().call('rollup_syncStatus', {})).postedBatch > postedBatch, 'a posted batch');
  };

  before(async () => {
    rollup = await startOpsRollup('--producer', OLD, '--owner-delay', `${DELAY_SECONDS}s`, '--challenge-period', '1h');
    provider = createProvider({ url: rollup.l1.url, chainId: LOCAL_CHAIN_ID });
    machine = await createMachine(rollup, rollup.keys.deployer, { rateUnits: 300 });
    copyFileSync(rollup.keys.deployer, machine.at('proposer.json'));
    copyFileSync(rollup.keys.producer, machine.at('producer-new.keystore'));
    await machine.start();
    await deposit();
  });
  after(async () => {
    provider?.destroy();
    await rollup?.stop();
  });

  it('names the old and the new producer of this test on the page', () => {
    const page = readDocument('docs/how-to/rotate-keys.md');
    assert.ok(page.includes(`--producer ${NEW} --admit true`) && page.includes(`--producer ${OLD} --admit false`));
  });

  it('admits the new producer after the delay, and not before', async () => {
    const [announce, execute] = scriptsOf('rotate-keys.md', 'Producer') as [string, string];
    assert.match(done(await machine.run(announce)), /scheduled, can be executed from/);
    const early = await machine.run(execute);
    assert.doesNotMatch(early.stdout, /executed$/m);
    await pass();
    assert.match(done(await machine.run(execute)), /^executed/m);
  });

  it('goes on with the new account on the same database, and dismisses the old one', async () => {
    const [, , exchange, dismiss] = scriptsOf('rotate-keys.md', 'Producer') as [string, string, string, string];
    done(await machine.run(exchange));
    assert.equal(machine.sequencer!.said['producer'], NEW);
    await deposit();
    assert.match(done(await machine.run(dismiss)), /scheduled/);
    await pass();
    assert.match(done(await machine.run(dismiss)), /^executed/m);
    const old = ['--keystore', rollup.keys.deployer, '--database', machine.at('/data/old.db'), '--mode', 'optimistic'];
    const refused = await rollup.run('sequencer', ...old);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /is no producer/);
  });

  it('gives the operator an account with the new key', async () => {
    const { postedBatch } = await client().call('rollup_syncStatus', {});
    const [fund] = scriptsOf('rotate-keys.md', 'Operator') as [string];
    done(await machine.run(fund));
    await until(async () => (await client().call('rollup_syncStatus', {})).postedBatch > postedBatch, 'a posted batch');
    assert.equal((await client().call('rollup_getAccounts', { owner: NEW })).length, 1);
  });

  it('changes the fee in the same way', async () => {
    const [change] = scriptsOf('rotate-keys.md', 'Owner') as [string];
    assert.match(done(await machine.run(change)), /scheduled/);
    await pass();
    assert.match(done(await machine.run(change)), /^executed/m);
  });

  it('prints a change for a multisig, and makes it with a key that an external signer has', async () => {
    const [, print] = scriptsOf('rotate-keys.md', 'Owner') as [string, string];
    const printed = done(await machine.run(print));
    const [, data] = /^data +(0x[0-9a-f]+)$/m.exec(printed)!;
    const { transactions } = JSON.parse(readFileSync(machine.at('change.json'), 'utf8')) as {
      transactions: readonly { readonly data: string }[];
    };
    assert.deepEqual(
      transactions.map((transaction) => transaction.data),
      [data],
    );
    const signer = await startExternalSigner([l1Wallet(PEOPLE.deployer)]);
    const [script] = scriptsOf('rotate-keys.md', 'A key that is elsewhere') as [string];
    const here = { 'http://127.0.0.1:9000': signer.url };
    assert.match(done(await machine.run(script, here)), /scheduled/);
    await pass();
    assert.match(done(await machine.run(script, here)), /^executed/m);
    await signer.stop();
    assert.deepEqual(blocksLeft('rotate-keys.md'), []);
  });

  it('posts with a producer whose key an external signer has, also after that was away', async () => {
    await machine.stop();
    const wallet = l1Wallet(PEOPLE.producer);
    let signer = await startExternalSigner([wallet]);
    // Its address stays the same while it is away.
    const proxy = await startRpcStub((call) => forward(signer.url, call));
    const files = ['--config', machine.at('/etc/quittance/sequencer.json')];
    const database = ['--database', machine.at('/var/lib/quittance-sequencer/sequencer.db')];
    const sequencer = await rollup.start('sequencer', ...files, ...database, '--signer-url', proxy.url);
    assert.equal(sequencer.said['producer'], NEW);
    await deposit();
    assert.ok(signer.methods.includes('eth_signTransaction'));
    await signer.stop();
    const { sealedBatch } = await client().call('rollup_syncStatus', {});
    const paid = await rollup.run('wallet', 'deposit', '--keystore', rollup.keys.alice, '--amount', '1');
    assert.equal(paid.code, 0, paid.stderr);
    await until(async () => (await client().call('rollup_syncStatus', {})).sealedBatch > sealedBatch, 'a sealed batch');
    await until(() => /SIGNER_DECLINED/.test(sequencer.log()), 'the sequencer to miss its signer');
    signer = await startExternalSigner([wallet]);
    await until(async () => {
      const { postedBatch } = await client().call('rollup_syncStatus', {});
      return postedBatch > sealedBatch;
    }, `the batch to be posted\n${sequencer.log()}`);
    assert.equal(await sequencer.end(), 0);
    await Promise.all([signer.stop(), proxy.stop()]);
    await machine.start();
  });

  describe('and to run it behind a proxy', () => {
    const page = readDocument('docs/how-to/run-behind-a-proxy.md');
    const nginx = /```nginx\n([\s\S]+?)```/.exec(page)![1]!;
    const [sequencer] = scriptsOf('run-behind-a-proxy.md') as [string];
    const flags = /--trusted-proxies \S+/.exec(sequencer)![0].split(' ');

    it('names the port and the bounds that the sequencer has', () => {
      assert.ok(nginx.includes(`server 127.0.0.1:${DEFAULT_PORT};`));
      assert.ok(nginx.includes(`client_max_body_size ${DEFAULT_API_CONFIG.bodyBytes >> 20}m;`));
      assert.match(nginx, /location = \/metrics \{ return 404; \}/);
      assert.equal(nginx.split('{').length, nginx.split('}').length);
    });

    it('tells clients apart only when the proxy is named, and believes nobody else', async () => {
      await machine.stop();
      const start = async (...more: string[]) => {
        const files = ['--config', machine.at('/etc/quittance/sequencer.json'), '--keystore', rollup.keys.producer];
        const database = ['--database', machine.at('/var/lib/quittance-sequencer/sequencer.db')];
        return rollup.start('sequencer', ...files, ...database, ...more);
      };
      const statusFrom = (address: string, url: string, claim = {}) =>
        callFrom(address, url, 'rollup_syncStatus', claim).then(({ status }) => status);
      const exhaust = (address: string, url: string) =>
        until(async () => {
          const statuses = await Promise.all(Array.from({ length: BURST }, () => statusFrom(address, url)));
          return statuses.includes(429);
        }, 'the end of its allowance');

      const trusting = await start(...flags);
      const proxy = await startProxy(machine.url);
      try {
        await exhaust('127.0.0.2', proxy.url);
        assert.equal(await statusFrom('127.0.0.3', proxy.url), 200, 'another client is not concerned');
        // One that is no named proxy cannot be somebody else.
        await exhaust('127.0.0.4', machine.url);
        const claim = { 'x-forwarded-for': '127.0.0.9' };
        assert.equal(await statusFrom('127.0.0.4', machine.url, claim), 429);
        assert.equal(await trusting.end(), 0);
        const unaware = await start();
        await exhaust('127.0.0.2', proxy.url);
        assert.equal(await statusFrom('127.0.0.3', proxy.url), 429, 'all are the proxy');
        assert.equal(await unaware.end(), 0);
        // Started with its flag, on the files of this machine.
        noteRan(sequencer);
        assert.deepEqual(blocksLeft('run-behind-a-proxy.md'), []);
      } finally {
        await proxy.stop();
      }
    });
  });
});
