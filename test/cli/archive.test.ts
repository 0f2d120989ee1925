/** A rollup whose batches are in blobs: archived, and replayed from the archive once L1 has forgotten them. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider, createRollupChain } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { encodeVerifyingKey } from '../../prover/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../scripts/devnet/anvil.ts';
import { l1Wallet } from '../../scripts/devnet/people.ts';
import { createSequencer, type Sequencer } from '../../sequencer/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { testKzg } from '../support/blobs/kzg.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator, createSimulatedProver } from '../support/contracts/groth16-simulator.ts';
import { startServer } from '../support/l1/http.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';
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

  it('is not needed for claims', async () => {
    const { paid } = await done<{ paid: { amount: string }[] }>('wallet', 'claim');
    assert.deepEqual(
      paid.map(({ amount }) => BigInt(amount)),
      [10n ** 18n],
    );
  });
});
