import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeyPair, PROFILES } from '@quittance/protocol';
import { createClient, formatReceiver } from '@quittance/sdk';
import { verifyingKeyHash } from '../../cli/setup/key.ts';
import { FleetClient, type FleetStatus } from '../../prover/index.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { simulatedWorker } from '../support/fleet/rig.ts';
import { type OpsRollup, type Running, startOpsRollup } from '../support/ops/rollup.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';
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
    const token = await rollup.run('prover', 'token', 'add', '--database', database, '--name', 'gpu2');
    assert.equal(token.code, 0, token.stderr);
    const path = writePrivate(rollup.folder, 'gpu2.token', token.stdout);
    assert.equal((await status('gpu2.token')).leads, true);
    const revoked = await rollup.run('prover', 'token', 'revoke', '--database', database, '--name', 'gpu2');
    assert.equal(revoked.code, 0, revoked.stderr);
    const url = String(sequencer.said['proverUrl']);
    await until(async () => {
      const { code, stderr } = await rollup.run('prover', 'status', '--url', url, '--token-file', path);
      if (code === 5) assert.match(stderr, /PROVER_TOKEN_REFUSED/);
      return code === 5;
    }, 'the refusal');
    const again = await rollup.run('prover', 'token', 'revoke', '--database', database, '--name', 'gpu2');
    assert.equal(again.code, 2, again.stderr);
    const wrong = await rollup.run('prover', 'status', '--url', url, '--token-file', rollup.keys.producer);
    assert.deepEqual([wrong.code, /no token of a prover/.test(wrong.stderr)], [2, true], wrong.stderr);
  });

  it('lets strangers prove for a payout key that they show to have', async () => {
    const key = writePrivate(rollup.folder, 'payout.key', Buffer.from(SECRET).toString('hex'));
    const url = String(sequencer.said['proverUrl']);
    const join = (out: string) =>
      rollup.run('prover', 'join', '--url', url, '--rollup-key', key, '--owner', owner, '--out', out, '--json');
    const [first, second] = ['market1.token', 'market2.token'].map((name) => `${rollup.folder}/${name}`) as [
      string,
      string,
    ];
    const joined = await join(first);
    assert.equal(joined.code, 0, joined.stderr);
    assert.equal((JSON.parse(joined.stdout) as { payee: string }).payee, payee);
    const { workers, market } = await status('market1.token');
    assert.deepEqual([market, workers], [true, []], 'a stranger learns of itself only');
    // Another token of the same key takes the place of the first.
    assert.equal((await join(second)).code, 0);
    const old = await rollup.run('prover', 'status', '--url', url, '--token-file', first);
    assert.deepEqual([old.code, /PROVER_TOKEN_REFUSED/.test(old.stderr)], [5, true], old.stderr);
    assert.equal((await join(second)).code, 2, 'never over another file');
  });
});

describe('CLI: settings of a fleet that contradict each other', () => {
  const refused = async (expected: RegExp, ...flags: string[]) => {
    const { code, stderr } = await runCli([
      ...['sequencer', '--l1-url', 'http://127.0.0.1:1', '--contract', `0x${'11'.repeat(20)}`, '--keystore', 'none'],
      ...['--database', 'none.db', ...flags],
    ]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, expected);
  };
  for (const [what, expected, ...flags] of [
    ['nobody who proves', /--prover none needs --prover-port/, '--prover', 'none'],
    ['a market without a reward', /--prover-market needs/, '--prover-market', '--prover-port', '0'],
    ['a reward in another token', /none of --fee-tokens/, '--prover-reward', '5:1', '--prover-port', '0'],
    ['two rewards', /one token/, '--prover-reward', '0:1,1:1', '--prover-port', '0'],
  ] as const) {
    it(`are refused: ${what}`, () => refused(expected, ...flags));
  }
});
