/** `quittance devnet`: one for all that a person does with it, and short ones for the ways in which it ends. */

import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@quittance/sdk';
import { describeNative } from '../support/native.ts';
import { type CliResult, runCli, spawnCli } from '../support/process/cli.ts';
import { answers, type DevnetProcess, FREE_PORTS, startDevnet } from '../support/process/devnet.ts';
import { until } from '../support/until.ts';

const ETHER = 10n ** 18n;
/** A payment, and a withdrawal that is final after a challenge period of 10 s. */
const TIMEOUT_MS = 180_000;

/** A free port now; taken as long as `close` was not called. */
async function takePort(): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe('quittance devnet', function () {
  this.timeout(TIMEOUT_MS);
  let home: string;
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'quittance-home-'));
  });
  after(() => rmSync(home, { recursive: true, force: true }));
  const run = (...args: string[]): Promise<CliResult> => runCli(args, { environment: { HOME: home } });

  describe('while it runs', () => {
    let devnet: DevnetProcess;
    before(async function () {
      this.timeout(TIMEOUT_MS);
      devnet = await startDevnet();
    });
    after(async () => {
      devnet?.child.kill('SIGKILL');
      await devnet?.ended;
    });
    const command = async (...args: string[]): Promise<Record<string, unknown>> => {
      const { code, stdout, stderr } = await run(...args, '--json');
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    };

    it('says where everything is, in the first line of stdout', async () => {
      const { info } = devnet;
      const client = createClient({ url: info.rpcUrl });
      const config = await client.call('rollup_getConfig', {});
      assert.equal(config.contract.toLowerCase(), info.contract.toLowerCase());
      assert.equal(Number(config.chainId), info.chainId);
      assert.match(info.assertions ?? '', /^0x[0-9a-fA-F]{40}$/);
      assert.match(info.channels, /^0x[0-9a-fA-F]{40}$/);
      assert.ok(info.deploymentBlock > 0);
      assert.deepEqual(
        info.tokens.map(({ tokenId, symbol, decimals }) => [tokenId, symbol, decimals]),
        [
          [0, 'ETH', 18],
          [1, 'DUSD', 18],
        ],
      );
      assert.equal(await answers(info.l1Url), true);
    });

    it('has ten accounts with money in the rollup, in files for their owner only', async () => {
      const { accounts, configs, rpcUrl } = devnet.info;
      assert.equal(accounts.length, 10);
      const client = createClient({ url: rpcUrl });
      for (const { address, receiver } of accounts) {
        const found = await client.call('rollup_getAccounts', { owner: address });
        const keyY = BigInt(receiver.split(':')[1]!);
        assert.deepEqual(
          found.map(({ tokenId, balance, keyY: key }) => [tokenId, BigInt(balance), BigInt(key)]),
          [
            [0, 100n * ETHER, keyY],
            [1, 10_000n * ETHER, keyY],
          ],
        );
      }
      const { keystore } = JSON.parse(readFileSync(configs.accounts[0]!, 'utf8')) as { keystore: string };
      assert.equal(statSync(keystore).mode & 0o777, 0o600);
      assert.equal(readFileSync(keystore, 'utf8').trim(), accounts[0]!.privateKey);
    });

    it('can be used with the commands of its banner at once, up to a withdrawal that is final', async () => {
      const { configs, accounts } = devnet.info;
      const wallet = (name: string, ...args: string[]) =>
        command('wallet', name, '--config', configs.accounts[0]!, ...args);
      const { status } = await wallet('send', '--to', accounts[1]!.receiver, '--amount', '1.5');
      assert.equal(status, 'pending');
      assert.equal((await wallet('withdraw', '--amount', '1', '--wait', 'final'))['status'], 'final');
      const { paid } = (await wallet('claim')) as { paid: { amount: string }[] };
      assert.deepEqual(
        paid.map(({ amount }) => BigInt(amount)),
        [ETHER],
      );
    });

    it('prints a signed payment that is sent only by whoever posts it', async () => {
      const { configs, accounts, rpcUrl } = devnet.info;
      const call = async (method: string, params: unknown): Promise<{ result?: unknown; error?: unknown }> => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(rpcUrl, { method: 'POST', headers, body });
        return (await answer.json()) as { result?: unknown; error?: unknown };
      };
      const pay = ['--to', accounts[1]!.receiver, '--amount', '0.25', '--reference', 'order 4711'];
      const { code, stdout, stderr } = await run('wallet', 'sign', '--config', configs.accounts[0]!, ...pay);
      assert.equal(code, 0, stderr);
      const id = /not sent: transfer (\d+)/.exec(stderr)![1]!;
      assert.match(JSON.stringify((await call('rollup_getTransaction', { id })).error), /NOT_FOUND/);
      const { result, error } = await call('rollup_sendTransfer', { transfer: JSON.parse(stdout) });
      assert.equal(error, undefined);
      assert.equal((result as { id: string }).id, id);
    });

    it('lets an account deposit the token that it has on L1', async () => {
      const { configs, tokens } = devnet.info;
      await command(
        'wallet',
        'deposit',
        '--config',
        configs.accounts[3]!,
        '--token',
        tokens[1]!.address,
        '--amount',
        '5',
      );
    });

    it('names the flag when a port is taken, before anything is started', async () => {
      const port = new URL(devnet.info.rpcUrl).port;
      const l1Port = new URL(devnet.info.l1Url).port;
      const rpc = await run('devnet', '--port', port, '--l1-port', '0');
      assert.deepEqual([rpc.code, rpc.stdout], [2, ''], rpc.stderr);
      assert.match(rpc.stderr, new RegExp(`^USAGE: port ${port} is taken by another process: give --port another one`));
      const l1 = await run('devnet', '--port', '0', '--l1-port', l1Port);
      assert.equal(l1.code, 2, l1.stderr);
      assert.match(
        l1.stderr,
        new RegExp(`^USAGE: port ${l1Port} is taken by another process: give --l1-port another one`),
      );
    });

    it('ends cleanly, anvil too', async () => {
      const { l1Url } = devnet.info;
      devnet.child.kill('SIGTERM');
      assert.equal(await devnet.ended, 0, devnet.said());
      assert.equal(await answers(l1Url), false);
    });
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
    it(`leaves no L1 behind after ${signal}, be it in the middle of its start`, async () => {
      const { port, close } = await takePort();
      await close();
      const child = spawnCli(['devnet', '--port', '0', '--l1-port', String(port)]);
      const ended = new Promise((resolve) => child.once('close', resolve));
      const url = `http://127.0.0.1:${port}`;
      await until(() => answers(url), 'L1 of the devnet');
      child.kill(signal);
      await ended;
      await until(async () => !(await answers(url)), 'the end of anvil');
    });
  }

  for (const [flags, message] of [
    [['--lie', '--mode', 'zk'], /--lie needs --mode optimistic/],
    [['--mode', 'hybrid', '--data', 'blobs'], /hybrid batches are asserted by calldata/],
    [['--state', 'x', '--data', 'blobs'], /anvil keeps no blobs/],
    [['--port', '4000', '--l1-port', '4000'], /--port and --l1-port are both 4000/],
    [['--profile', 'single'], /expected one of quick, standard/],
  ] as const) {
    it(`refuses ${flags.join(' ')}`, async () => {
      const { code, stderr } = await run('devnet', ...FREE_PORTS, ...flags);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    });
  }

  it('says that none runs in the background, and ends no process that is not a devnet', async () => {
    const folder = join(home, '.quittance', 'devnet');
    const none = await run('devnet', 'stop');
    assert.equal(none.code, 1, none.stderr);
    assert.match(none.stderr, /NOT_FOUND: no devnet runs in the background \(\S+running\.json\)/);
    mkdirSync(folder, { recursive: true });
    const note = (content: string) => writeFileSync(join(folder, 'running.json'), content);
    // This very process, which serves nothing there.
    note(JSON.stringify({ pid: process.pid, rpcUrl: 'http://127.0.0.1:1' }));
    const foreign = await run('devnet', 'stop');
    assert.equal(foreign.code, 1, foreign.stderr);
    assert.match(
      foreign.stderr,
      new RegExp(`process ${process.pid} does not answer as the devnet at http://127.0.0.1:1`),
    );
    note('{}');
    const broken = await run('devnet', 'stop');
    assert.equal(broken.code, 2, broken.stderr);
    assert.match(broken.stderr, /running\.json names no process: remove it/);
  });

  it('says why it did not come up in the background, as it would in the foreground', async () => {
    const state = join(home, 'broken');
    mkdirSync(state);
    writeFileSync(join(state, 'devnet.json'), 'no JSON');
    const { code, stderr } = await run('devnet', ...FREE_PORTS, '--detach', '--state', state);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /USAGE: .*devnet\.json cannot be read: it is no devnet’s\. Give --state another folder/);
    assert.match((await run('devnet', 'stop', '--state', state)).stderr, /no devnet runs/);
  });

  describeNative('in mode zk', () => {
    it('accepts payments while the proving key is made, and proves them', async () => {
      const devnet = await startDevnet(['--mode', 'zk']);
      const { configs, accounts, challengePeriodSeconds } = devnet.info;
      assert.equal(challengePeriodSeconds, null);
      const pay = ['wallet', 'send', '--config', configs.accounts[0]!, '--to', accounts[1]!.receiver, '--amount', '1'];
      const { code, stderr } = await run(...pay, '--wait', 'final');
      devnet.child.kill('SIGINT');
      assert.equal(code, 0, `${stderr}${devnet.said()}`);
      assert.equal(await devnet.ended, 0, devnet.said());
    });
  });

  it('runs in the background, keeps its state, and goes on from it', async () => {
    const state = join(home, 'kept');
    const start = async () => {
      // By the environment, which the process in the background has too: it must not do the same.
      const { code, stdout, stderr } = await runCli(['devnet', ...FREE_PORTS, '--state', state, '--json'], {
        environment: { HOME: home, QUITTANCE_DETACH: 'true' },
      });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as DevnetProcess['info'];
    };
    const stop = () => run('devnet', 'stop', '--state', state);
    try {
      const first = await start();
      const twice = await run('devnet', ...FREE_PORTS, '--detach', '--state', state);
      assert.equal(twice.code, 2, twice.stderr);
      assert.match(twice.stderr, /a devnet runs already \(process \d+, http:\/\/127\.0\.0\.1:\d+\)/);
      const config = first.configs.accounts[0]!;
      const paid = await run(
        ...[
          'wallet',
          'send',
          '--config',
          config,
          '--to',
          first.accounts[1]!.receiver,
          '--amount',
          '2',
          '--wait',
          'posted',
        ],
      );
      assert.equal(paid.code, 0, paid.stderr);
      assert.equal((await stop()).code, 0);
      assert.equal(await answers(first.l1Url), false);
      const none = await stop();
      assert.equal(none.code, 1, none.stderr);
      assert.match(none.stderr, /NOT_FOUND: no devnet runs in the background/);

      const other = await run('devnet', ...FREE_PORTS, '--state', state, '--mode', 'zk');
      assert.equal(other.code, 2, other.stderr);
      assert.match(other.stderr, /holds a devnet with mode optimistic, and this one would have zk/);

      const second = await start();
      assert.equal(second.contract, first.contract);
      const client = createClient({ url: second.rpcUrl });
      const [account] = await client.call('rollup_getAccounts', { owner: second.accounts[1]!.address });
      assert.equal(BigInt(account!.balance), 102n * ETHER);
    } finally {
      await stop();
    }
  });
});
