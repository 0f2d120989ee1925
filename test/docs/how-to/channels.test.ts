/** The pages Run a hub and Pay over channels, as they stand there, on a devnet. */

import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { createClient } from '@quittance/sdk';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { blocksLeft, noteRan } from '../../support/docs/ran.ts';
import { scriptsOf } from '../../support/ops/machine.ts';
import { spawnCli, writePrivate } from '../../support/process/cli.ts';
import { type DevnetProcess, startDevnet } from '../../support/process/devnet.ts';
import { freePort, putCommand, type Ran, runScript } from '../../support/process/machine.ts';
import { until } from '../../support/until.ts';

const TIMEOUT_MS = 240_000;
/** What the page calls a channel. */
const VAULT = '0x5FbDB2315678afecb367f032d93F642f64180aa3';

describe('How to pay over channels, and to run a hub', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let devnet: DevnetProcess;
  let environment: Record<string, string>;
  let places: Record<string, string>;
  const running = new Set<ChildProcess>();

  const done = ({ code, stdout, stderr }: Ran): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };
  const translate = (script: string, more: Record<string, string> = {}): string => {
    let text = script;
    for (const [word, here] of Object.entries({ ...places, ...more })) text = text.replaceAll(word, here);
    return text;
  };
  /** Runs a block of a page. */
  const run = async (script: string, more: Record<string, string> = {}): Promise<Ran> => {
    noteRan(script);
    return runScript(translate(script, more), folder, environment);
  };
  /** Starts what keeps on. @returns its lines so far. */
  const start = async (script: string, isReady: (said: string) => boolean) => {
    noteRan(script);
    const words = translate(script.trim())
      .match(/"[^"]*"|\S+/g)!
      .slice(1);
    const child = spawnCli(
      words.map((word) => word.replaceAll('"', '')),
      { environment, cwd: folder },
    );
    running.add(child);
    const output = { stdout: '', stderr: '' };
    let code: number | null | undefined;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]!.setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    }
    const ended = new Promise<number | null>((resolve) =>
      child.once('close', (status) => {
        code = status;
        running.delete(child);
        resolve(status);
      }),
    );
    await until(() => {
      assert.equal(code, undefined, `it ended: ${output.stderr}`);
      return isReady(output.stdout);
    }, 'what keeps on to be ready');
    return { child, ended, said: () => output.stdout };
  };
  type Started = Awaited<ReturnType<typeof start>>;
  let hub: Started;
  const startHub = async (script: string): Promise<void> => {
    hub = await start(script, (said) => said.includes('metrics'));
  };
  const channelsOf = async (person: string): Promise<{ vault: string; isOurs: boolean; stage: string }[]> => {
    const flags = `--keystore ${person}.key --store ${person}.db --json`;
    return JSON.parse(done(await runScript(`quittance channel list ${flags}`, folder, environment)));
  };

  before(async function () {
    this.timeout(TIMEOUT_MS);
    folder = mkdtempSync(join(tmpdir(), 'quittance-channels-page-'));
    devnet = await startDevnet(['--mode', 'optimistic', '--state', join(folder, 'devnet')]);
    const { l1Url, rpcUrl, contract, channels, deploymentBlock, accounts } = devnet.info;
    environment = {
      QUITTANCE_L1_URL: l1Url,
      QUITTANCE_RPC_URL: rpcUrl,
      QUITTANCE_CONTRACT: contract,
      QUITTANCE_CHANNELS: channels,
      QUITTANCE_FROM_BLOCK: String(deploymentBlock),
      QUITTANCE_HUB_PORT: String(await freePort()),
      PATH: `${putCommand(join(folder, 'bin'))}:${process.env['PATH']}`,
    };
    const here = `ws://127.0.0.1:${environment['QUITTANCE_HUB_PORT']}`;
    places = { 'wss://hub.example': here, '9736': String(await freePort()) };
    for (const [position, name] of ['alice', 'bob', 'tower'].entries()) {
      writePrivate(folder, `${name}.key`, accounts[position]!.privateKey);
    }
    writePrivate(folder, 'hub.password', 'correct horse');
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    devnet?.child.kill('SIGTERM');
    await devnet?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('makes an account for the hub, and starts it', async () => {
    const [account, service, watch, look] = scriptsOf('run-a-hub.md') as [string, string, string, string];
    const [create, deposit] = account.trim().split('\n') as [string, string];
    done(await runScript(create, folder, environment));
    const { address } = JSON.parse(readFileSync(join(folder, 'hub.json'), 'utf8')) as { address: string };
    const owner = `0x${address.replace('0x', '')}`;
    const provider = createProvider({ url: devnet.info.l1Url, chainId: LOCAL_CHAIN_ID });
    await provider.send('anvil_setBalance', [owner, '0x8ac7230489e80000']);
    provider.destroy();
    done(await runScript(deposit, folder, environment));
    noteRan(account);
    const client = createClient({ url: devnet.info.rpcUrl });
    await until(async () => (await client.call('rollup_getAccounts', { owner })).length > 0, 'the deposit');
    await startHub(service);
    assert.match(hub.said(), /^hub +ws:\/\/127\.0\.0\.1:\d+\/channels\/v1$/m);
    assert.match(done(await run(watch)), /no channel|channel/);
    assert.match(done(await run(look)), /^quittance_hub_channels_count\{stage="open"\} 0$/m);
  });

  it('opens, pays, and shows what there is', async () => {
    const [alice, bob, invoice, pay, list] = scriptsOf('pay-over-channels.md') as [
      string,
      string,
      string,
      string,
      string,
    ];
    const opened = await Promise.all([run(alice), run(bob)]);
    for (const one of opened) assert.match(done(one), /^0x[0-9a-f]{40} +0\.5 ETH/m);
    const waiting = await start(invoice, (said) => said.includes('\n'));
    const [text] = waiting.said().split('\n') as [string];
    environment['INVOICE'] = text;
    assert.match(done(await run(pay)), /^fee +0\.000025 ETH\nto +0x[0-9a-f]{40}\nfor +two coffees\nreceipt +0x/m);
    assert.equal(await waiting.ended, 0);
    assert.match(waiting.said(), /^paid: 0\.05 ETH$/m);
    assert.match(done(await run(list)), /open +0\.449975 ETH +0\.050025 ETH/);
  });

  it('goes on behind another hub, closes together, and alone', async () => {
    const [, , , , other, all] = scriptsOf('run-a-hub.md') as [string, string, string, string, string, string];
    const [together, alone] = scriptsOf('pay-over-channels.md').slice(5) as [string, string];
    const bobs = (await channelsOf('bob')).find(({ isOurs }) => !isOurs)!;
    assert.match(done(await run(together, { [VAULT]: bobs.vault })), /^closed: what was ours, 0\.05 ETH/m);
    hub.child.kill('SIGINT');
    assert.equal(await hub.ended, 0);
    // No other hub is there.
    const opening = await run(other, { 'wss://other-hub.example': 'ws://127.0.0.1:1' });
    assert.equal(opening.code, 3, opening.stderr);
    const listed = done(await run(all));
    assert.match(listed, new RegExp(`^${bobs.vault} +closed`, 'm'));
    const [alices] = (await channelsOf('alice')) as unknown as [{ vault: string }];
    assert.match(done(await run(alone, { [VAULT]: alices.vault })), /^closing +0x/m);
  });

  it('has run every block', () => {
    assert.deepEqual(blocksLeft('run-a-hub.md'), []);
    assert.deepEqual(blocksLeft('pay-over-channels.md'), []);
  });
});
