/** The sequencer as a process, with real circuits and the native prover. */

import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROFILES } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';
import { type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { exportZkey } from '../../native/index.ts';
import { createProver, encodeVerifyingKey } from '../../prover/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { describeNative } from '../support/native.ts';
import { runCli, spawnCli, writePrivate } from '../support/process/cli.ts';
import { until } from '../support/until.ts';

const PRODUCER = 1;

describeNative('CLI: the sequencer as a process', function () {
  this.timeout(300_000); // makes the development key when it is not there
  let folder: string;
  let l1: LocalChain;
  let environment: Record<string, string>;
  const running = new Set<ChildProcess>();

  before(async () => {
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-cli-'));
    l1 = await startAnvil();
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'producer.key', l1Wallet(PRODUCER).privateKey),
      QUITTANCE_DATABASE: join(folder, 'sequencer.db'),
      QUITTANCE_PORT: '0',
      QUITTANCE_JSON: '1',
      QUITTANCE_SEAL_AFTER: '1s',
    };
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await l1?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const deploy = async (...more: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCli(['deploy', '--profile', 'quick', ...more], { environment });
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { contract: string }).contract;
  };

  /** Starts it and waits for its line. `ended` resolves with the exit code. */
  const start = async (
    contract: string,
    ...more: string[]
  ): Promise<{
    url: string;
    metricsUrl: string;
    prover: string | null;
    child: ChildProcess;
    ended: Promise<number | null>;
  }> => {
    const child = spawnCli(['sequencer', '--contract', contract, ...more], { environment });
    running.add(child);
    let errors = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', (code) => {
        running.delete(child);
        resolve(code);
      });
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      return { ...(JSON.parse(line) as { url: string; metricsUrl: string; prover: string | null }), child, ended };
    }
    throw new Error(`the sequencer ended before it was ready:\n${errors}`);
  };

  it('says its URL, serves its deployment, ends cleanly on SIGINT and goes on after it', async () => {
    const contract = await deploy();
    for (let run = 0; run < 2; run++) {
      const { url, metricsUrl, child, ended } = await start(contract);
      assert.match(await (await fetch(`${metricsUrl}/metrics`)).text(), /quittance_last_batch_number/);
      assert.equal((await fetch(`${url}/metrics`)).status, 404);
      const config = await createClient({ url }).call('rollup_getConfig', {});
      assert.equal(config.contract.toLowerCase(), contract.toLowerCase());
      assert.equal(config.profile, 'quick');
      const second = await runCli(['sequencer', '--contract', contract], { environment });
      assert.equal(second.code, 2, 'the database is in use');
      assert.match(second.stderr, /in use by another process/);
      child.kill('SIGINT');
      assert.equal(await ended, 0);
    }
  });

  it('refuses a contract that verifies another key, and a database of another deployment', async () => {
    const { verifyingKey } = createGroth16Simulator('cli/sequencer');
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(verifyingKey, true)));
    const other = await runCli(['sequencer', '--contract', await deploy('--verifying-key', key)], { environment });
    assert.equal(other.code, 2, other.stderr);
    assert.match(other.stderr, /verifies proofs of key 0x[0-9a-f]{64}, this prover has 0x[0-9a-f]{64}/);
    const database = ['--database', join(folder, 'moved.db')];
    const first = await start(await deploy(), ...database);
    first.child.kill('SIGINT');
    assert.equal(await first.ended, 0);
    const moved = await runCli(['sequencer', '--contract', await deploy(), ...database], { environment });
    assert.equal(moved.code, 2, moved.stderr);
    assert.match(moved.stderr, /DATABASE_FOREIGN.*is that of 31337:.*name the one of this rollup/);
  });

  it('proves natively with the key of a .zkey unless another prover is asked for', async () => {
    const zkeyPath = join(folder, 'key.zkey');
    const prover = createProver({ profile: PROFILES.quick, backend: 'native' });
    await prover.prepare();
    await exportZkey({ ...prover.files, zkeyPath });
    await prover.close();
    const contract = await deploy('--zkey', zkeyPath);
    const database = ['--database', join(folder, 'z.db'), '--zkey', zkeyPath];
    const snarkjs = await start(contract, ...database, '--prover', 'snarkjs');
    assert.equal(snarkjs.prover, 'snarkjs');
    snarkjs.child.kill('SIGINT');
    assert.equal(await snarkjs.ended, 0);
    for (const choice of [[], ['--prover', 'native']]) {
      const native = await start(contract, ...database, ...choice);
      assert.equal(native.prover, 'native');
      const client = createClient({ url: native.url });
      const { finalBatch: before } = await client.call('rollup_syncStatus', {});
      const deposited = await runCli(['wallet', 'deposit', '--amount', '1', '--contract', contract], { environment });
      assert.equal(deposited.code, 0, deposited.stderr);
      await until(async () => (await client.call('rollup_syncStatus', {})).finalBatch > before, 'a final batch');
      const { finalBatch: after, trouble } = await client.call('rollup_syncStatus', {});
      assert.deepEqual([after, trouble], [before + 1, null]);
      native.child.kill('SIGINT');
      assert.equal(await native.ended, 0);
    }
  });

  it('asserts deposits in optimistic mode, without a prover, and says so', async () => {
    const contract = await deploy('--challenge-period', '1h');
    const { url, child, ended } = await start(contract, '--mode', 'optimistic', '--database', join(folder, 'o.db'));
    const client = createClient({ url });
    assert.equal((await client.call('rollup_getConfig', {})).mode, 'optimistic');
    const deposit = ['wallet', 'deposit', '--amount', '1', '--contract', contract];
    const deposited = await runCli(deposit, { environment });
    assert.equal(deposited.code, 0, deposited.stderr);
    await until(async () => (await client.call('rollup_syncStatus', {})).postedBatch === 1, 'a posted batch');
    const status = await client.call('rollup_syncStatus', {});
    assert.deepEqual([status.postedBatch, status.finalBatch, status.trouble], [1, 0, null]);
    child.kill('SIGINT');
    assert.equal(await ended, 0);
  });

  it('refuses optimistic mode on a rollup without it, and modes that do not exist', async () => {
    const contract = await deploy('--zk-only');
    for (const mode of ['optimistic', 'hybrid']) {
      const refused = await runCli(['sequencer', '--contract', contract, '--mode', mode], { environment });
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /deployed without optimistic mode/);
    }
    const unknown = await runCli(['sequencer', '--contract', contract, '--mode', 'fast'], { environment });
    assert.equal(unknown.code, 2, unknown.stderr);
  });
});
