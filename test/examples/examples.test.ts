/** The examples, run as their readers would run them, against the devnet that the SDK starts for tests. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createWallet, type Wallet } from '@quittance/sdk';
import { type Devnet, startDevnet } from '@quittance/sdk/testing';
import { parseEther } from 'ethers';
import { assertRejects } from '../support/assertions.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { until } from '../support/until.ts';

const COMMAND = [process.execPath, fileURLToPath(new URL('../../cli/main.ts', import.meta.url))] as const;
const PAYOUTS = 500;

const start = (name: string, ...args: string[]): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
/** Runs an example to its end. @returns what it printed. */
async function run(name: string, ...args: string[]): Promise<string> {
  const child = start(name, ...args);
  const [output, code] = await Promise.all([
    text(child.stdout!),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  assert.equal(code, 0, output);
  return output;
}

describe('examples', () => {
  let devnet: Devnet;
  let folder: string;
  let withEthers: Promise<string>;
  let withViem: Promise<string>;
  let withContract: Promise<string>;
  const keyOf = (position: number) => devnet.accounts[position]!.privateKey;
  const open = (position: number): Promise<Wallet> =>
    createWallet({ secret: keyOf(position), rpcUrl: devnet.rpcUrl, l1: { url: devnet.l1Url } });

  before(async function () {
    this.timeout(180_000);
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-examples-'));
    devnet = await startDevnet({ command: COMMAND });
    // Most of their time they wait for batches to become final: all wait at once.
    const [, , second, , fourth] = devnet.accounts;
    withEthers = run('ethers', devnet.l1Url, devnet.rpcUrl, keyOf(1), second!.receiver);
    const token = devnet.tokens.find(({ symbol }) => symbol === 'DUSD')!.address;
    withViem = run('viem', devnet.l1Url, devnet.rpcUrl, keyOf(3), fourth!.receiver, token);
    withContract = run('viem-contract', devnet.l1Url, devnet.contract, keyOf(8), devnet.accounts[9]!.receiver);
    for (const running of [withEthers, withViem, withContract]) running.catch(() => undefined); // told where it is awaited
  });
  after(async () => {
    await devnet?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a deposit with viem and the typed ABI alone', async function () {
    this.timeout(180_000);
    const output = await withContract;
    assert.match(output, /^deposit \d+ of 0\.5 ETH, due by 20/m);
    assert.match(output, /^final in batch \d+ or before$/m);
    const wallet = await open(9);
    assert.equal((await wallet.balance()).final, 100n * 10n ** 18n + 5n * 10n ** 17n);
    wallet.close();
  });

  it('a hot wallet that is killed again and again: 500 payouts and three deposits, each once', async function () {
    this.timeout(180_000);
    const [exchange, customer, payee] = await Promise.all([open(5), open(6), open(7)]);
    const [payoutsFile, journal] = [join(folder, 'payouts.json'), join(folder, 'journal')];
    const amount = parseEther('0.001');
    const payouts = Array.from({ length: PAYOUTS }, (_, id) => ({
      ...{ id: String(id), to: payee.receiver, amount: String(amount) },
    }));
    writeFileSync(payoutsFile, JSON.stringify(payouts));
    const before = (await payee.balance()).soft;
    const lines = () => {
      try {
        return readFileSync(journal, 'utf8').split('\n').slice(0, -1);
      } catch {
        return [];
      }
    };
    const credits = () => lines().filter((line) => line.includes('"credited":"user'));
    const startWallet = () => start('hot-wallet', devnet.rpcUrl, keyOf(5), payoutsFile, journal);
    const kill = async (child: ChildProcess): Promise<void> => {
      const closed = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGKILL');
      await closed;
    };
    // Killed while it signs and sends: once early, once later.
    for (const count of [20, 400]) {
      const child = startWallet();
      await until(() => lines().length >= count, `${count} lines of the journal`);
      await kill(child);
    }
    for (const user of ['user 1', 'user 2', 'user 3']) {
      await customer.transfer({ to: exchange.receiver, amount: parseEther('0.1'), reference: user });
    }
    const crediting = startWallet();
    await until(() => credits().length >= 1, 'a deposit that is credited');
    await kill(crediting);
    const last = startWallet();
    await until(() => credits().length === 3, 'all deposits to be credited');
    await kill(last);

    assert.equal((await payee.balance()).soft - before, BigInt(PAYOUTS) * amount);
    const references: string[] = [];
    for await (const { referenceText } of payee.history()) if (referenceText !== null) references.push(referenceText);
    assert.deepEqual(references.toSorted(), payouts.map(({ id }) => `payout ${id}`).toSorted());
    assert.deepEqual(
      credits().map((line) => (JSON.parse(line) as { credited: string }).credited),
      ['user 1', 'user 2', 'user 3'],
    );
    for (const wallet of [exchange, customer, payee]) wallet.close();
  });

  it('with ethers: deposit, payment, withdrawal and claim', async () => {
    const output = await withEthers;
    assert.match(output, /others pay me at 0x[0-9a-f]{40}:0x/);
    assert.match(output, /payment \d+ for a fee of/);
    assert.match(output, /0\.5 ETH on L1 by 0x[0-9a-f]{64}/);
  });

  it('with viem: a payment in a token, and the history', async () => {
    const output = await withViem;
    assert.match(output, /paying 3\.33333333\d* DUSD/);
    assert.match(output, /final in batch \d+/);
  });

  it('start no devnet where there is no command for it', async () => {
    await assertRejects(startDevnet({ command: ['quittance-that-is-nowhere'] }), 'CONFIG_INVALID');
    await assertRejects(startDevnet({ command: [process.execPath, '-e', 'process.exit(3)'] }), 'CONFIG_INVALID');
    const silent = [process.execPath, '-e', 'setInterval(() => {}, 1e6)'] as const;
    await assertRejects(startDevnet({ command: silent, timeoutMs: 50 }), 'TIMEOUT');
  });
});
