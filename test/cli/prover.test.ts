import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair, isRollupError, PROFILES } from '@quittance/protocol';
import { createClient, formatReceiver } from '@quittance/sdk';
import * as parse from '../../cli/config/parse.ts';
import type { Context } from '../../cli/process/command.ts';
import { UsageError } from '../../cli/process/errors.ts';
import { runAdd, runList, runRevoke } from '../../cli/prover/token.ts';
import { requireFleet } from '../../cli/sequencer/fleet.ts';
import type { SequencerValues } from '../../cli/sequencer/settings.ts';
import { verifyingKeyHash } from '../../cli/setup/key.ts';
import { FleetClient, type FleetStatus } from '../../prover/index.ts';
import { addToken, readTokens } from '../../sequencer/index.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { simulatedWorker } from '../support/fleet/rig.ts';
import { itNative } from '../support/native.ts';
import { type OpsRollup, type Running, startOpsRollup } from '../support/ops/rollup.ts';
import { writePrivate } from '../support/process/cli.ts';
import { until } from '../support/until.ts';

/** Small, so that a chunk that waits for a second earns no more. */
const REWARD = 10n;
const SECRET = new Uint8Array(32).fill(9);

describe('CLI: a sequencer that others prove for', () => {
  const simulator = createGroth16Simulator('ops');
  const circuit = verifyingKeyHash(simulator.verifyingKey);
  const owner = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
  const payee = formatReceiver({ owner: BigInt(owner), keyY: createKeyPair(SECRET).publicKey.y });
  let rollup: OpsRollup;
  let sequencer: Running;
  let database: string;

  const settings = (...more: string[]) => [
    ...['sequencer', '--mode', 'zk', '--keystore', rollup.keys.producer, '--database', database, '--port', '0'],
    ...['--metrics-port', '0', '--l1-poll-ms', '100', '--seal-after', '1', '--fee-tokens', '0:10'],
    ...['--prover', 'none', '--verifying-key', join(rollup.folder, 'key.json'), '--prover-port', '0', ...more],
  ];
  const client = (file: string, url = String(sequencer.said['proverUrl'])) => {
    const path = join(rollup.folder, file);
    return { url, path, args: ['--url', url, '--token-file', path, '--json'] };
  };
  const status = async (file: string): Promise<FleetStatus> => {
    const { code, stdout, stderr } = await rollup.run('prover', 'status', ...client(file).args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as FleetStatus;
  };
  const work = (token: string) =>
    simulatedWorker(new FleetClient({ urls: [String(sequencer.said['proverUrl'])], token }), {
      ...{ simulator, circuit, slotsPerChunk: PROFILES.quick.slotsPerChunk },
    });
  const proverUrl = () => String(sequencer.said['proverUrl']);
  const accounts = async () => {
    const found = await createClient({ url: String(sequencer.said['url']) }).call('rollup_getAccounts', { owner });
    return found.map(({ balance }) => BigInt(balance));
  };

  before(async () => {
    rollup = await startOpsRollup();
    database = join(rollup.folder, 'sequencer.db');
    const added = await rollup.run(
      ...['prover', 'token', 'add', '--database', database, '--name', 'gpu1', '--payee', payee],
      ...['--out', join(rollup.folder, 'gpu1.token'), '--json'],
    );
    assert.equal(added.code, 0, added.stderr);
    sequencer = await rollup.start(...settings('--prover-reward', `0:${REWARD}`, '--prover-market'));
  });
  after(async () => {
    await sequencer.end();
    await rollup.stop();
  });

  it('has them prove its batches, and pays them once a batch is final, each proof once', async () => {
    const worker = work(readFileSync(join(rollup.folder, 'gpu1.token'), 'utf8').trim());
    const deposited = await rollup.run(
      'wallet',
      'deposit',
      '--keystore',
      rollup.keys.producer,
      '--amount',
      '1',
      '--json',
    );
    assert.equal(deposited.code, 0, deposited.stderr);
    await until(async () => (await accounts())[0] === REWARD, 'the reward', { explain: () => sequencer.log() });
    // Its own proof waits for the payment of somebody else's batch: rewards alone never keep the rollup busy.
    await until(async () => (await status('gpu1.token')).rewards?.owed === String(REWARD), 'the second proof');
    await worker.stop();
    assert.deepEqual(await accounts(), [REWARD]);
    const { rewards, workers } = await status('gpu1.token');
    assert.equal(rewards?.paid, String(REWARD));
    assert.deepEqual(
      workers.map(({ name, accepted }) => [name, accepted]),
      [['gpu1', 2]],
    );
  });

  it('refuses whoever has no token, or has one no more', async () => {
    const file = `${database}.provers.json`;
    const path = writePrivate(rollup.folder, 'gpu2.token', addToken(file, 'gpu2', Date.now()));
    const own = new FleetClient({ urls: [proverUrl()], token: readFileSync(path, 'utf8') });
    assert.equal((await own.status()).leads, true);
    const revoked = await rollup.run('prover', 'token', 'revoke', '--database', database, '--name', 'gpu2');
    assert.equal(revoked.code, 0, revoked.stderr);
    await until(
      () =>
        own.status().then(
          () => false,
          (error: unknown) => isRollupError(error, 'PROVER_TOKEN_REFUSED'),
        ),
      'the refusal',
    );
    const { code, stderr } = await rollup.run('prover', 'status', '--url', proverUrl(), '--token-file', path);
    assert.deepEqual([code, /PROVER_TOKEN_REFUSED/.test(stderr)], [5, true], stderr);
  });

  itNative('is proven for by no machine that has another key', async () => {
    const token = writePrivate(rollup.folder, 'gpu3.token', addToken(`${database}.provers.json`, 'gpu3', Date.now()));
    const { code, stderr } = await rollup.run('prover', 'start', '--url', proverUrl(), '--token-file', token);
    assert.deepEqual([code, /KEY_OF_ANOTHER_CIRCUIT/.test(stderr)], [2, true], stderr);
    assert.ok((await new FleetClient({ urls: [proverUrl()], token: readFileSync(token, 'utf8') }).status()).leads);
  });

  it('lets strangers prove for a payout key that they show to have', async () => {
    const key = writePrivate(rollup.folder, 'payout.key', Buffer.from(SECRET).toString('hex'));
    const out = join(rollup.folder, 'market.token');
    const joined = await rollup.run(
      ...['prover', 'join', '--url', proverUrl(), '--rollup-key', key, '--owner', owner, '--out', out, '--json'],
    );
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal((JSON.parse(joined.stdout) as { payee: string }).payee, payee);
    const stranger = new FleetClient({ urls: [proverUrl()], token: readFileSync(out, 'utf8').trim() });
    const { workers, market } = await stranger.status();
    assert.deepEqual([market, workers], [true, []], 'it learns of itself only');
    // No other node knows that token.
    const several = await rollup.run(
      ...['prover', 'join', '--url', `${proverUrl()},${proverUrl()}`, '--rollup-key', key, '--owner', owner],
      ...['--out', `${out}.2`],
    );
    assert.deepEqual([several.code, /name one --url, not 2/.test(several.stderr)], [2, true], several.stderr);
  });
});

describe('CLI: the tokens of provers', () => {
  it('are written for their owner only, never over another file, and kept as hashes', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-tokens-'));
    const [database, out] = [join(folder, 's.db'), join(folder, 'gpu.token')];
    const said: string[] = [];
    const context = {
      output: { result: (_: unknown, text: () => string) => void said.push(text()) },
    } as unknown as Context;
    const common = { database, proverTokens: undefined };
    await runAdd(context, { ...common, name: 'gpu', payee: undefined, out });
    assert.equal(statSync(out).mode & 0o777, 0o600);
    const token = readFileSync(out, 'utf8').trim();
    assert.ok(!readFileSync(`${database}.provers.json`, 'utf8').includes(token));
    await assert.rejects(runAdd(context, { ...common, name: 'gpu2', payee: undefined, out }), UsageError);
    await runList(context, common);
    assert.match(said.at(-1)!, /^name +created +rewards go to\ngpu /);
    await assert.rejects(runRevoke(context, { ...common, name: 'gpu2' }), UsageError);
    await runRevoke(context, { ...common, name: 'gpu' });
    await runList(context, common);
    assert.equal(said.at(-1), 'no prover has a token');
    await assert.rejects(runList(context, { database: undefined, proverTokens: undefined }), UsageError);
    rmSync(folder, { recursive: true, force: true });
  });

  it('are refused under a name that is none, and from a file that is none of ours', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-tokens-'));
    const file = join(folder, 'provers.json');
    for (const name of ['', '-x', 'a b', 'a/b', 'x'.repeat(64)]) {
      assert.throws(() => addToken(file, name, 1), { code: 'CONFIG_INVALID' });
    }
    for (const content of ['', '[]', '{"version":2,"tokens":[]}', '{"version":1,"tokens":[null]}']) {
      writeFileSync(file, content);
      assert.throws(() => readTokens(file), { code: 'CONFIG_INVALID' });
    }
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('CLI: settings of a fleet that contradict each other', () => {
  const given = {
    ...{ prover: undefined, proverPort: undefined, proverMarket: false, proverReward: undefined, mode: 'zk' },
    feeTokens: [{ tokenId: 0, minimumFee: 1n }],
  } as unknown as SequencerValues;
  for (const [what, expected, changes] of [
    ['nobody who proves', /--prover none needs --prover-port/, { prover: 'none' }],
    ['a port where nothing is proven', /nothing is proven/, { mode: 'optimistic', proverPort: 0 }],
    ['a market without a reward', /--prover-market needs/, { proverMarket: true, proverPort: 0 }],
    ['a reward in another token', /none of --fee-tokens/, { proverReward: { tokenId: 5, units: 1n }, proverPort: 0 }],
  ] as const) {
    it(`are refused: ${what}`, () => {
      assert.throws(
        () => requireFleet({ ...given, ...changes }),
        (error: Error) => error instanceof UsageError && expected.test(error.message),
      );
    });
  }

  it('are none: a market, its port and its reward', () => {
    requireFleet({ ...given, proverMarket: true, proverPort: 0, proverReward: { tokenId: 0, units: 1n } });
    requireFleet({ ...given, prover: 'none', proverPort: 0 });
  });

  it('name one reward', () => {
    assert.deepEqual(parse.tokenAmount('0:5'), { tokenId: 0, units: 5n });
    for (const text of ['', '0:1,1:1', '0', '0:-1']) assert.throws(() => parse.tokenAmount(text), UsageError);
    assert.throws(() => parse.urls(Array(17).fill('http://a').join(',')), UsageError);
  });
});
