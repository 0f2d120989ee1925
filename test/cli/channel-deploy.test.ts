/** `quittance channel deploy`: planned, sent with a record, gone on from, and refused where it makes no sense. */

import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createChannelsReader, createProvider } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally } from '../../cli/devnet/deploy.ts';
import { DEPLOYER_POSITION, l1Wallet } from '../../cli/devnet/people.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { type CliResult, runCli, writePrivate } from '../support/process/cli.ts';

const TIMEOUT_MS = 120_000;
const BOND = 5n * 10n ** 16n;

interface Deployed {
  readonly channels: string;
  readonly preimages: string;
  readonly rollup: string;
  readonly bond: string;
}

describe('quittance channel deploy', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let l1: LocalChain;
  let provider: JsonRpcProvider;
  let rollup: DeployedRollup;
  let environment: Record<string, string>;
  before(async function () {
    this.timeout(TIMEOUT_MS);
    folder = mkdtempSync(join(tmpdir(), 'quittance-channel-deploy-'));
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    rollup = await deployLocally(provider, PROFILES.quick, createGroth16Simulator('cli/channel').verifyingKey);
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_CONTRACT: rollup.contract,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'deployer.key', l1Wallet(DEPLOYER_POSITION).privateKey),
    };
  });
  after(async () => {
    provider?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (...args: string[]): Promise<CliResult> => runCli(['channel', 'deploy', ...args], { environment });
  const nonce = () => provider.getTransactionCount(l1Wallet(DEPLOYER_POSITION).address);
  const readerOf = (contract: string) =>
    createChannelsReader({ provider, chainId: LOCAL_CHAIN_ID, contract, rollup: rollup.contract });

  it('comes with a devnet', async () => {
    assert.equal((await readerOf(rollup.channels).connect()).bond, BOND);
  });

  it('says what it would send, and sends nothing', async () => {
    const before = await nonce();
    const { code, stdout, stderr } = await run('--plan', '--bond', '0.05eth', '--json');
    assert.equal(code, 0, stderr);
    const plan = JSON.parse(stdout) as { contracts: { name: string; gas: string }[]; bond: string; warnings: string[] };
    assert.deepEqual(
      plan.contracts.map(({ name }) => name),
      ['Preimages', 'Channels'],
    );
    assert.ok(plan.contracts.every(({ gas }) => BigInt(gas) > 50_000n));
    assert.deepEqual([BigInt(plan.bond), plan.warnings], [BOND, []]);
    const { stdout: text } = await run('--plan', '--bond', '1gwei');
    assert.match(text, /^bond +0\.000000001 ETH$/m);
    assert.match(text, /^! a bond of 0\.000000001 ETH is little/m);
    assert.equal(await nonce(), before);
  });

  it('deploys, says what to put into the config, and sends nothing again with the same record', async () => {
    const record = join(folder, 'record');
    const first = await run('--record', record, '--bond', '0.02eth', '--json');
    assert.equal(first.code, 0, first.stderr);
    const deployed = JSON.parse(first.stdout) as Deployed;
    assert.match(first.stderr, new RegExp(`put "channels": "${deployed.channels}" into the config file`));
    const constants = await readerOf(deployed.channels).connect();
    assert.equal(constants.bond, 2n * 10n ** 16n);
    assert.equal(constants.preimages, deployed.preimages);
    assert.ok(existsSync(join(record, 'journal.jsonl')));
    const sent = await nonce();
    const again = await run('--record', record, '--bond', '0.02eth', '--json');
    assert.equal((JSON.parse(again.stdout) as Deployed).channels, deployed.channels);
    assert.equal(await nonce(), sent);
    const { code, stderr } = await run('--record', record, '--bond', '0.03eth');
    assert.equal(code, 2);
    assert.match(stderr, /bond is "20000000000000000" there and "30000000000000000" here/);
  });

  it('refuses a bond of nothing, and an address that is no rollup', async () => {
    const { code, stderr } = await run('--bond', '0');
    assert.equal(code, 2);
    assert.match(stderr, /showing an old state would cost nothing/);
    const wrong = await run('--contract', rollup.channels);
    assert.equal(wrong.code, 2, wrong.stderr);
    assert.match(wrong.stderr, /is no rollup/);
  });
});
