/** `quittance sequencer salvage` on the database of a sequencer that was killed, or whose disk flipped a bit. */

import { strict as assert } from 'node:assert';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isRollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import type { Context } from '../../cli/process/command.ts';
import { createOutput } from '../../cli/process/output.ts';
import { askL1, runSalvage } from '../../cli/sequencer/salvage.ts';
import { createSequencer } from '../../sequencer/index.ts';
import { openStorage, type SalvageReport, salvageDatabase } from '../../storage/index.ts';
import { createRandom } from '../support/property/random.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { answersOf } from '../support/storage/answers.ts';
import { createFlips } from '../support/storage/flips.ts';
import { hashFiles } from '../support/storage/killed.ts';

const SEED = process.env['QUITTANCE_TEST_SEED'] ?? 'salvage';
const TRANSFERS = 60;

describe('Sequencer: salvage of its database', function () {
  this.timeout(60_000);
  let harness: PayerHarness;
  let home: string;
  let folder: string;
  let expected: unknown;
  let count = 0;
  const file = () => join(folder, 'sequencer.db');

  before(async () => {
    harness = await createPayerHarness();
    // So far it is in the database; what follows is in the -wal only.
    await harness.restart();
    for (let nonce = 0; nonce < TRANSFERS; nonce++) {
      await harness.send(alice, harness.payment(nonce, { amount: 5n }));
      if (nonce % 20 === 10) await harness.sequencer.sealNow();
    }
    await harness.until(
      () => harness.sequencer.status().finalBatch === harness.sequencer.status().sealedBatch,
      'final',
    );
    expected = answersOf(harness.storage);
    home = join(harness.directory, 'crashed');
    mkdirSync(home);
    for (const end of ['', '-wal', '.head']) cpSync(`${harness.file}${end}`, join(home, `sequencer.db${end}`));
  });
  beforeEach(() => {
    folder = join(harness.directory, `copy-${count++}`);
    cpSync(home, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => harness.close());

  /** The command, with its report and what it says. @returns the code that it ends with, if it fails. */
  const salvage = async (into: string): Promise<{ report: SalvageReport; text: string; code: string | undefined }> => {
    const found = hashFiles(folder);
    const values = { database: file(), l1Url: undefined, chainId: undefined, contract: undefined };
    const run = async (json: boolean, to: string): Promise<{ stdout: string; code: string | undefined }> => {
      let stdout = '';
      const stderr = () => undefined;
      const output = createOutput({ json, quiet: true, color: false, stdout: (text) => (stdout += text), stderr });
      try {
        await runSalvage({ output } as Context, { ...values, into: to });
        return { stdout, code: undefined };
      } catch (error) {
        if (!isRollupError(error)) throw error;
        return { stdout, code: error.code };
      }
    };
    const { stdout, code } = await run(true, into);
    const { stdout: text } = await run(false, `${into}-again`);
    assert.deepEqual(hashFiles(folder), found, 'the damaged files are as they were');
    return { report: JSON.parse(stdout) as SalvageReport, text, code };
  };
  const into = () => join(harness.directory, `saved-${count}.db`);
  const flip = (path: string, position: number, bit: number): void => {
    const bytes = readFileSync(path);
    bytes[position] = bytes[position]! ^ (1 << bit);
    writeFileSync(path, bytes);
  };

  it(`gives everything back after one bit of the -wal was flipped (QUITTANCE_TEST_SEED="${SEED}")`, async () => {
    const random = createRandom(SEED);
    const wal = readFileSync(`${file()}-wal`);
    let refused = 0;
    for (let i = 0; i < 8; i++) {
      writeFileSync(`${file()}-wal`, wal);
      flip(`${file()}-wal`, 32 + random.below(wal.length - 32), random.below(8));
      try {
        // Behind the frames of this run can be some of the run before, which nobody needs.
        const opened = openStorage({ file: file() });
        assert.deepEqual(answersOf(opened), expected);
        opened.close();
      } catch (error) {
        assert.ok(isRollupError(error, 'DATABASE_DAMAGED'), String(error));
        assert.match(error.message, /quittance sequencer salvage/);
        refused += 1;
      }
      const target = `${into()}-${i}`;
      const { report, text, code } = await salvage(target);
      assert.deepEqual([report.missing, report.problem, code], [undefined, undefined, undefined]);
      assert.equal(report.missingCommits, 0);
      assert.match(text, /No acknowledged entry is missing/);
      const storage = openStorage({ file: target });
      assert.deepEqual(answersOf(storage), expected);
      storage.close();
    }
    assert.ok(refused > 0);
  });

  it('gives a database from which the sequencer goes on', async () => {
    const wal = readFileSync(`${file()}-wal`);
    flip(`${file()}-wal`, wal.length >> 1, 2);
    const target = into();
    await salvage(target);
    await harness.sequencer.stop();
    const storage = openStorage({ file: target });
    const { chain, prover, clock } = harness;
    const { config } = harness.sequencer;
    const sequencer = await createSequencer({ config, chain, prover, storage, clock, crypto: fastCrypto() });
    try {
      assert.equal(sequencer.status().finalBatch, harness.storage.batches.last()!.number);
      assert.equal(sequencer.status().halted, undefined);
    } finally {
      await sequencer.stop();
      storage.close();
    }
  });

  it('says which acknowledged entries are missing without the -wal, and ends with ACKNOWLEDGED_LOST', async () => {
    rmSync(`${file()}-wal`);
    const { report, text, code } = await salvage(into());
    const { sequence } = harness.storage.log.head();
    assert.equal(code, 'ACKNOWLEDGED_LOST');
    assert.ok(report.entries < sequence - TRANSFERS + 1);
    assert.deepEqual(report.missing, {
      first: report.entries + 1,
      last: sequence,
      count: sequence - report.entries,
    });
    assert.match(text, new RegExp(`MISSING: ${report.missing?.count} acknowledged entries`));
  });

  it(`gives everything back after one bit of a closed database was flipped, mostly (QUITTANCE_TEST_SEED="${SEED}")`, async () => {
    const closed = openStorage({ file: file() });
    closed.commit(() => undefined);
    closed.close();
    const flips = createFlips(file());
    const random = createRandom(SEED);
    let saved = 0;
    let refused = 0;
    for (const table of flips.tables) {
      for (let i = 0; i < 4; i++) {
        const byte = flips.flip(table, random);
        try {
          openStorage({ file: file() }).close();
          continue;
        } catch (error) {
          assert.ok(isRollupError(error, 'DATABASE_DAMAGED'), String(error));
        }
        refused += 1;
        const target = `${into()}-${table}-${i}`;
        const report = salvageDatabase({ file: file(), into: target, nowMs: 1 });
        if (report.missing !== undefined || report.batches < report.sealedBatches || report.problem !== undefined)
          continue;
        const storage = openStorage({ file: target });
        // A start writes the names of the deployment again.
        const answers = answersOf(storage) as { readonly meta: unknown[] };
        const { meta } = expected as { readonly meta: unknown[] };
        const known = answers.meta.map((value, position) => value ?? meta[position]);
        const isSame = isDeepStrictEqual({ ...answers, meta: known }, expected);
        storage.close();
        assert.ok(isSame, `byte ${byte} of ${table}`);
        saved += 1;
      }
    }
    assert.ok(refused > 15 && saved > 0.7 * refused, `${saved} of ${refused}`);
  });

  it('names the final batches on L1 that were not saved', async () => {
    const { finalBatch } = harness.sequencer.status();
    assert.deepEqual(await askL1(harness.chain, { batches: finalBatch }), { finalBatch, missing: undefined });
    assert.deepEqual(await askL1(harness.chain, { batches: finalBatch - 2 }), {
      finalBatch,
      missing: { first: finalBatch - 1, last: finalBatch },
    });
  });

  it('opens again the batches of which a row is lost, and keeps the whole log', async () => {
    const closed = openStorage({ file: file() });
    closed.commit(() => undefined);
    closed.close();
    const last = harness.storage.batches.last()!.number;
    const database = new Sqlite(file());
    database.prepare('UPDATE chunks SET places = zeroblob(20) WHERE batch = ?').run(last);
    database.close();
    const { report } = await salvage(into());
    assert.deepEqual(
      [report.isWhole, report.missing, report.batches, report.sealedBatches],
      [false, undefined, last - 1, last],
    );
    const storage = openStorage({ file: report.file });
    assert.deepEqual([...storage.log.range(1, report.entries)], [...harness.storage.log.range(1)]);
    assert.equal(storage.log.lastSeal()?.entry.type, 'unseal');
    storage.close();
  });
});
