/** A rollup whose batches are in blobs: archived, and replayed from the archive once L1 has forgotten them. */

import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider, createRollupChain } from '@quittance/chain';
import { ExitCode, PROFILES } from '@quittance/protocol';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { encodeVerifyingKey } from '../../prover/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { createSequencer, type Sequencer } from '../../sequencer/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator, createSimulatedProver } from '../support/contracts/groth16-simulator.ts';
import { startServer } from '../support/l1/http.ts';
import { forward, startRpcStub } from '../support/l1/rpc-stub.ts';
import { runCli, spawnCli, writePrivate } from '../support/process/cli.ts';
import { createPerson } from '../support/rollup/person.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { until } from '../support/until.ts';

const PRODUCER = 1;
const ALICE = 5;
const NEVER_MS = 600_000;

const simulator = createGroth16Simulator('cli/archive');

describe('CLI: an archive of a rollup in blobs', function () {
  this.timeout(240_000);
  const operator = createPerson('operator');
  let folder: string;
  let archive: string;
  let l1: LocalChain;
  let connection: ReturnType<typeof createProvider>;
  let environment: Record<string, string>;
  let storage: Storage;
  let sequencer: Sequencer;

  const run = (...args: string[]) => runCli([...args, '--json'], { environment });
  const done = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  /** Makes a batch of so many priority operations that L1 has in all. */
  const settle = async (operations: number) => {
    await until(async () => {
      await sequencer.pollL1();
      return sequencer.status().priorityOperations === operations;
    }, 'the operation');
    await sequencer.sealNow();
    await until(() => {
      const { halted, sealedBatch, finalBatch } = sequencer.status();
      if (halted !== undefined) throw halted;
      return sealedBatch === finalBatch;
    }, 'finality of the batch');
  };

  before(async () => {
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-archive-'));
    archive = join(folder, 'archive');
    l1 = await startAnvil();
    connection = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    const keystore = writePrivate(folder, 'alice.key', l1Wallet(ALICE).privateKey);
    environment = { QUITTANCE_L1_URL: l1.url, QUITTANCE_KEYSTORE: keystore };
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    const producer = l1Wallet(PRODUCER);
    const { contract, block } = await done<{ contract: string; block: number }>(
      ...['deploy', '--profile', 'quick', '--verifying-key', key, '--zk-only', '--data', 'blobs'],
      ...['--producer', producer.address],
    );
    environment = { ...environment, QUITTANCE_CONTRACT: contract, QUITTANCE_FROM_BLOCK: String(block) };
    storage = openStorage({ file: join(folder, 'sequencer.db') });
    const common = { provider: connection, clock: systemClock, logger: silentLogger };
    sequencer = await createSequencer({
      config: {
        profile: PROFILES.quick,
        operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
        feeTokens: [{ tokenId: 0, minimumFee: 0n }],
        l1PollMs: 50,
        sealAfterMs: NEVER_MS,
        deploymentBlock: block,
        data: 'blobs',
      },
      chain: createRollupChain({
        ...common,
        chainId: LOCAL_CHAIN_ID,
        contract,
        signer: producer.connect(connection),
        transactions: { pollMs: 50 },
      }),
      prover: createSimulatedProver(simulator),
      storage,
      clock: systemClock,
      crypto: fastCrypto(),
      kzg: await testKzg(),
    });
    await done('wallet', 'deposit', '--amount', '1');
    await settle(1);
    await done('wallet', 'exit', '--account', '0');
    await settle(2);
  });
  after(async () => {
    await sequencer?.stop();
    storage?.close();
    connection?.destroy();
    await l1?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const beacon = () => `beacon:${l1.url}`;
  const rootOf = async (...args: string[]) => BigInt((await done<{ stateRoot: string }>('rebuild', ...args)).stateRoot);
  const stateRoot = () => storage.batches.lastFinal()!.header.stateRoot;

  it('keeps the blobs and a snapshot', async () => {
    const report = await done<{ blobs: number; lacking: number; snapshot: number; replayed: number }>(
      ...['archive', '--folder', archive, '--blob-source', beacon(), '--once', '--snapshot-every', '1'],
    );
    assert.deepEqual([report.blobs, report.lacking, report.snapshot, report.replayed], [2, 0, 2, 2]);
    const names = readdirSync(archive);
    assert.deepEqual(names.filter((name) => !name.startsWith('0x')).sort(), [
      '1.snapshot',
      '2.snapshot',
      'archive.json',
    ]);
    assert.equal(names.filter((name) => name.endsWith('.blob')).length, 2);
  });

  it('serves a rebuild once nodes have forgotten: by its folder, by a mirror, or by a snapshot', async () => {
    const without = await run('rebuild');
    assert.equal(without.code, 3, without.stderr);
    assert.match(without.stderr, /BLOB_UNAVAILABLE.*--blob-source/s);
    assert.equal(await rootOf('--blob-source', `folder:${archive}`), stateRoot());
    assert.equal(await rootOf('--snapshot', join(archive, '2.snapshot')), stateRoot());
    const missing = await run('rebuild', '--snapshot', join(archive, '1.snapshot'));
    assert.equal(missing.code, 3, missing.stderr);
    const web = await startServer((_body, response, { url }) => {
      const name = url!.split('/').at(-1)!;
      if (readdirSync(archive).includes(name)) response.end(readFileSync(join(archive, name)));
      else response.writeHead(404).end();
    });
    try {
      assert.equal(await rootOf('--blob-source', `mirror:${web.url}`), stateRoot());
    } finally {
      await web.stop();
    }
  });

  it('of cells on two machines serves it too', async () => {
    const halves = ['0-31', '90-121'].map((cells) => [cells, join(folder, cells)] as const);
    for (const [cells, path] of halves) {
      await done(
        'archive',
        '--folder',
        path,
        '--blob-source',
        beacon(),
        '--once',
        '--cells',
        cells,
        '--snapshot-every',
        '0',
      );
      assert.deepEqual(
        readdirSync(path).filter((name) => name.endsWith('.blob')),
        [],
      );
    }
    assert.equal(await rootOf('--blob-source', halves.map(([, path]) => `folder:${path}`).join()), stateRoot());
    const [, one] = halves[0]!;
    for (const name of readdirSync(one).filter((file) => file.endsWith('.blob'))) rmSync(join(one, name));
    const alone = await run('rebuild', '--blob-source', `folder:${one}`);
    assert.equal(alone.code, 3, alone.stderr);
    assert.match(alone.stderr, /32 good cells/);
  });

  it('ends with 3 when a blob is nowhere to be had, with 2 for cells that no blob has', async () => {
    const empty = await run('archive', '--folder', join(folder, 'empty'), '--once', '--snapshot-every', '0');
    assert.equal(empty.code, 3, empty.stderr);
    for (const cells of ['128', '5-4', '', 'a', '0-31,']) {
      const wrong = await run('archive', '--folder', archive, '--once', '--cells', cells);
      assert.equal(wrong.code, 2, `${cells}: ${wrong.stderr}`);
    }
  });

  it('gives no snapshot that is not there, and none that was changed', async () => {
    const none = await run('rebuild', '--snapshot', join(archive, '7.snapshot'));
    assert.equal(none.code, 1, none.stderr);
    assert.match(none.stderr, /SNAPSHOT_DAMAGED.*there is no such file/);
    const bytes = readFileSync(join(archive, '2.snapshot'));
    const changed = join(folder, 'changed.snapshot');
    writeFileSync(changed, bytes.toString('latin1').replace('"number":2', '"number":1'), 'latin1');
    const foreign = await run('rebuild', '--snapshot', changed);
    assert.equal(foreign.code, 6, foreign.stderr);
    assert.match(foreign.stderr, /SNAPSHOT_FOREIGN/);
  });

  it('passes a damaged snapshot over, and says so', async () => {
    const path = join(folder, 'damaged');
    const keep = ['--blob-source', beacon(), '--once', '--snapshot-every', '1'];
    await done('archive', '--folder', path, ...keep);
    writeFileSync(join(path, '2.snapshot'), 'x');
    const { code, stdout, stderr } = await run('archive', '--folder', path, ...keep);
    assert.deepEqual([code, (JSON.parse(stdout) as { replayed: number }).replayed], [0, 2], stderr);
    assert.match(stderr, /warning: 2\.snapshot is passed over: the snapshot is damaged/);
  });

  describe('that keeps on', () => {
    /** Starts one; `ended` is its exit code. */
    function start(path: string, ...args: string[]) {
      const child = spawnCli(['archive', '--folder', join(folder, path), ...args, '--json'], { environment });
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name]!.setEncoding('utf8').on('data', (text: string) => {
          output[name] += text;
        });
      }
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const said = (text: string) => until(() => `${output.stdout}${output.stderr}`.includes(text), text);
      children.push(child);
      return { child, output, ended, said };
    }
    const children: ChildProcess[] = [];
    afterEach(() => {
      for (const child of children.splice(0)) child.kill('SIGKILL');
    });

    it('ends cleanly on SIGINT between two looks, and goes on where it was', async () => {
      for (let run = 0; run < 2; run += 1) {
        const { child, output, ended, said } = start('loop', '--blob-source', beacon(), '--l1-poll-ms', '600000');
        await said('"replayed"');
        child.kill('SIGINT');
        assert.equal(await ended, 0, output.stderr);
        assert.match(output.stderr, /stopping; press again to stop at once/);
        const { blobs, lacking, replayed } = JSON.parse(output.stdout) as Record<string, number>;
        assert.deepEqual([blobs, lacking, replayed], [2, 0, 2]);
      }
    });

    it('ends cleanly on SIGINT while a place of blobs does not answer', async () => {
      const silent = await startServer(() => undefined);
      try {
        const { child, output, ended } = start('silent', '--blob-source', `mirror:${silent.url}`);
        await until(() => silent.requestCount > 0, 'a question');
        child.kill('SIGINT');
        assert.equal(await ended, 0, output.stderr);
        assert.deepEqual([output.stdout, existsSync(join(folder, 'silent', 'archive.json'))], ['', false]);
      } finally {
        await silent.stop();
      }
    });

    it('waits for L1 after the first SIGINT, and ends at once on the second', async () => {
      let isSilent = false;
      let unanswered = 0;
      const node = await startRpcStub((call) => {
        if (!isSilent) return forward(l1.url, call);
        unanswered += 1;
        return new Promise(() => undefined);
      });
      try {
        const args = ['--l1-url', node.url, '--blob-source', beacon(), '--l1-poll-ms', '50'];
        const { child, output, ended, said } = start('twice', ...args);
        await said('"replayed"');
        isSilent = true;
        await until(() => unanswered > 0, 'a question that nobody answers');
        child.kill('SIGINT');
        await said('stopping');
        assert.equal(child.exitCode, null, 'a look is under way');
        child.kill('SIGINT');
        assert.equal(await ended, ExitCode.interrupted, output.stderr);
      } finally {
        await node.stop();
      }
    });
  });

  it('is not needed for claims', async () => {
    const { paid } = await done<{ paid: { amount: string }[] }>('wallet', 'claim');
    assert.deepEqual(
      paid.map(({ amount }) => BigInt(amount)),
      [10n ** 18n],
    );
  });
});
