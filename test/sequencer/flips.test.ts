import { strict as assert } from 'node:assert';
import { isRollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { genesisOf, recover } from '../../sequencer/start/recover.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { createRandom } from '../support/property/random.ts';
import { DUMMY_PROOF, fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { answersOf } from '../support/storage/answers.ts';
import { createFlips, type Flips } from '../support/storage/flips.ts';

const SEED = process.env['QUITTANCE_TEST_SEED'] ?? 'flips';
const FLIPS = 32;

describe('Sequencer: flipped bits in a closed database', function () {
  this.timeout(120_000);
  const crypto = fastCrypto();
  let harness: PayerHarness;
  let flips: Flips;
  let expected: unknown;

  before(async () => {
    harness = await createPayerHarness();
    const common = { from: harness.from, fee: 10n, validUntil: 0 };
    const account = { owner: alice.owner, tokenId: 0 };
    for (let nonce = 0; nonce < 4; nonce++) {
      await harness.send(alice, harness.payment(nonce, { amount: 5n }));
    }
    await harness.send(alice, { kind: 'withdraw', account, amount: 7n, nonce: 4, ...common });
    await harness.settle();
    // One that expires while the sequencer is down is dropped; the rest of its batch is proven but not posted.
    const soon = Math.floor(harness.clock.nowMs() / 1_000) + 100;
    await harness.send(alice, { kind: 'withdraw', account, amount: 8n, nonce: 5, ...common });
    await harness.send(alice, { kind: 'withdraw', account, amount: 9n, nonce: 6, ...common, validUntil: soon });
    harness.prover.hold();
    await harness.sequencer.stop();
    await harness.clock.advance(3_600_000);
    harness.chain.advanceTime(7_200);
    harness.chain.mine();
    await harness.restart();
    await harness.sequencer.sealNow();
    await harness.sequencer.stop();
    harness.storage.commit(() => {
      const batch = harness.storage.batches.last()!.number;
      harness.storage.proofs.put({ batch, chunk: 0, challenge: 1n, proof: DUMMY_PROOF, proveMs: 1 });
    });
    // So that both tables of accounts have rows.
    const fold = harness.storage.leaves.fold(1);
    while (harness.storage.stage(() => fold.step()));
    harness.storage.commit(() => undefined);
    expected = answersOf(harness.storage);
    harness.storage.close();
    flips = createFlips(harness.file);
  });
  after(() => harness.close());

  /** Opens and recovers. @returns undefined when it was refused as damaged. */
  const start = async (): Promise<unknown> => {
    let storage: Storage | undefined;
    try {
      storage = openStorage({ file: harness.file });
      const { chainId, contract, config } = harness.sequencer;
      const genesis = genesisOf(crypto, Number(storage.meta.get('genesis_time')));
      const { engine } = crypto;
      const deployment = { chainId, contract };
      await recover({ storage, engine, profile: config.profile, deployment, genesis, isProven: true });
      return answersOf(storage);
    } catch (error) {
      if (isRollupError(error, 'DATABASE_DAMAGED')) return undefined;
      throw error;
    } finally {
      storage?.close();
    }
  };

  it('has rows in every table', async () => {
    const database = new Sqlite(harness.file, { readonly: true });
    const names = database.prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    for (const { name } of names) {
      assert.notEqual(database.prepare(`SELECT 1 FROM ${name}`).get(), undefined, name);
    }
    database.close();
    assert.deepEqual(await start(), expected);
  });

  for (const table of [
    ...['log', 'drops', 'batches', 'chunks', 'withdrawals', 'leaf_changes', 'leaf_pages', 'priority', 'meta', 'proofs'],
    'sqlite_schema',
  ]) {
    it(`never change an answer in ${table}: the start is refused (QUITTANCE_TEST_SEED="${SEED}")`, async () => {
      const random = createRandom(`${SEED} ${table}`);
      let refused = 0;
      for (let count = 0; count < FLIPS; count++) {
        const byte = flips.flip(table, random);
        const answers = await start();
        if (answers === undefined) refused += 1;
        else assert.deepEqual(answers, expected, `byte ${byte} of ${table}`);
      }
      if (table !== 'proofs') assert.ok(refused > 0);
    });
  }
});
