/** What a start finds in the database: proofs that L1 would refuse, and reasons to refuse it, which change no file. */

import { strict as assert } from 'node:assert';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, decodeAccountRows, domainOf, encodeAccountRows, RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { createSequencer } from '../../sequencer/index.ts';
import { openStorage } from '../../storage/index.ts';
import { createPerson } from '../support/rollup/person.ts';
import { createHarness, DUMMY_PROOF, fastCrypto, type Harness } from '../support/sequencer/harness.ts';
import { hashFiles } from '../support/storage/killed.ts';

describe('Sequencer: what a start finds', () => {
  let harness: Harness;
  let batch: number;

  /** A batch that is proven but not posted: L1 is away. */
  beforeEach(async () => {
    harness = await createHarness();
    const alice = createPerson('alice');
    await harness.fund(alice, 0, 1_000_000n);
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 5n);
    await harness.sequencer.pollL1();
    harness.chain.fail(new RollupError('L1_UNREACHABLE', 'L1 is away'));
    await harness.sequencer.sealNow();
    batch = harness.storage.batches.last()!.number;
    await harness.until(() => harness.storage.proofs.has(batch, 0), 'the proof');
    harness.chain.fail(undefined);
  });
  afterEach(() => harness.close());

  const isFinal = () => harness.sequencer.status().finalBatch === batch;
  const stop = async (): Promise<void> => {
    await harness.sequencer.stop();
    harness.storage.close();
  };

  it('posts a proof that is as it was made, without proving again', async () => {
    const { length } = harness.prover.proven;
    await harness.restart();
    await harness.until(isFinal, 'finality');
    assert.equal(harness.prover.proven.length, length);
  });

  for (const [what, sql] of [
    ['has a changed digit', "UPDATE proofs SET proof = replace(proof, '8', '9')"],
    ['is cut off', 'UPDATE proofs SET proof = substr(proof, 1, 9)'],
    ['is empty', "UPDATE proofs SET proof = ''"],
    ['has a changed challenge', 'UPDATE proofs SET challenge = zeroblob(32)'],
  ] as const) {
    it(`makes a proof anew that ${what}`, async () => {
      const { length } = harness.prover.proven;
      await stop();
      const database = new Sqlite(harness.file);
      assert.equal(database.prepare(`${sql} WHERE batch = ?`).run(batch).changes, 1);
      database.close();
      await harness.reopen();
      await harness.until(isFinal, 'finality');
      assert.equal(harness.prover.proven.length, length + 1);
      assert.deepEqual(harness.storage.proofs.get(batch, 0)?.proof, DUMMY_PROOF);
      assert.deepEqual(harness.chain.submissions.at(-1)?.proofs, [DUMMY_PROOF]);
    });
  }

  for (const [what, changes] of [
    ['is of another chunk', { challenge: 1n }],
    ['does not verify', { proof: { ...DUMMY_PROOF, c: [7n, 9n] as const } }],
  ] as const) {
    it(`makes a proof anew that was written as it is but ${what}`, async () => {
      const { length } = harness.prover.proven;
      await harness.sequencer.stop();
      const stored = harness.storage.proofs.get(batch, 0)!;
      harness.storage.commit(() => harness.storage.proofs.put({ ...stored, ...changes }));
      await harness.restart();
      await harness.until(isFinal, 'finality');
      assert.equal(harness.prover.proven.length, length + 1);
      assert.deepEqual(harness.chain.submissions.at(-1)?.proofs, [DUMMY_PROOF]);
    });
  }

  describe('in the copy that a crash left', () => {
    let folder: string;
    const file = () => join(folder, 'sequencer.db');

    beforeEach(() => {
      folder = join(harness.directory, 'crashed');
      mkdirSync(folder);
      for (const end of ['', '-wal', '.head']) cpSync(`${harness.file}${end}`, `${file()}${end}`);
    });

    /** Starts on the copy. @returns whether it was refused with this code. */
    const assertRefused = async (code: string, chain = harness.chain): Promise<void> => {
      const found = hashFiles(folder);
      const storage = openStorage({ file: file() });
      const { config } = harness.sequencer;
      const { prover, clock } = harness;
      const options = { config, chain, prover, storage, clock, crypto: fastCrypto() };
      await assert.rejects(createSequencer(options), { code });
      storage.close();
      assert.deepEqual(hashFiles(folder), found);
    };

    it('changes no file when it is the database of another rollup', async () => {
      const other = { ...harness.chain, chainId: 5n };
      await assertRefused('DATABASE_FOREIGN', {
        ...other,
        connect: async () => ({ ...(await harness.chain.connect()), domain: domainOf(other) }),
      });
    });

    it('changes no file when L1 is away', async () => {
      harness.chain.fail(new RollupError('L1_UNREACHABLE', 'L1 is away'));
      await assertRefused('L1_UNREACHABLE');
      harness.chain.fail(undefined);
    });

    it('changes no file when batches do not execute to what was sealed', async () => {
      const { leaves } = harness.storage;
      const [[index, account]] = [...decodeAccountRows(leaves.changedIn(batch, batch))] as [[number, Account]];
      await harness.sequencer.stop();
      harness.storage.commit(() => {
        leaves.removeFrom(batch);
        leaves.put(batch, encodeAccountRows([[index, { ...account, balance: account.balance + 1n }]]));
      });
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      for (const end of ['', '-wal', '.head']) cpSync(`${harness.file}${end}`, `${file()}${end}`);
      await assertRefused('DATABASE_DAMAGED');
    });
  });
});
