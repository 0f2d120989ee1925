import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { openStorage, type Storage } from '../../storage/index.ts';
import { killAfterAppending } from '../support/storage/killed.ts';
import { priorityEntry, transferEntry } from '../support/storage/log-entries.ts';

const isDamaged = (part: RegExp) => (error: RollupError) => {
  assert.equal(error.code, 'DATABASE_DAMAGED', error.message);
  assert.match(error.message, part);
  assert.match(error.message, /backup/, 'it says what to do');
  return true;
};

describe('Storage', () => {
  let directory: string;
  let file: string;
  let storage: Storage | undefined;

  const open = (): Storage => {
    storage = openStorage({ file });
    return storage;
  };
  const close = (): void => {
    storage?.close();
    storage = undefined;
  };
  const append = (...ids: bigint[]): void => {
    storage!.commit(() => storage!.log.append(ids.map(transferEntry), 1_000));
  };
  /** Changes the file behind the storage's back. */
  const tamper = (sql: string): void => {
    const database = new Sqlite(file);
    const triggers = database
      .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
      .all();
    database.pragma('foreign_keys = OFF');
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
    database.exec(sql);
    for (const trigger of triggers) database.exec(trigger.sql);
    database.close();
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-storage-'));
    file = join(directory, 'a', 'sequencer.db');
  });
  afterEach(() => {
    close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('gives back what was appended, in order and by id, also after it is opened again', () => {
    const { log } = open();
    append(1n, 2n ** 253n);
    storage!.commit(() => {
      log.append([priorityEntry(0), { type: 'seal', batch: 1, lastSequence: 0, headerHash: '0xab' }], 2_000);
      const place = { blockNumber: 1, blockHash: '0x1', transactionHash: '0x2', deadline: 3 };
      storage!.priority.insert({ queueIndex: 0, sequence: 3, kind: 4, ...place });
    });
    close();
    const again = open().log;
    const entries = [...again.range(1)];
    assert.deepEqual(
      entries.map(({ sequence, receivedMs }) => [sequence, receivedMs]),
      [
        [1, 1_000],
        [2, 1_000],
        [3, 2_000],
        [4, 2_000],
      ],
    );
    assert.deepEqual(entries[1]?.entry, transferEntry(2n ** 253n));
    assert.deepEqual(entries[2]?.entry, priorityEntry(0));
    assert.deepEqual(again.findTransfer(2n ** 253n)?.sequence, 2);
    assert.deepEqual(
      again.seals().map(({ sequence }) => sequence),
      [4],
    );
    assert.equal(again.findTransfer(3n), undefined);
  });

  it('pages through long ranges', () => {
    open();
    append(...Array.from({ length: 2_500 }, (_, id) => BigInt(id)));
    assert.equal([...storage!.log.range(1)].length, 2_500);
    assert.deepEqual(
      [...storage!.log.range(999, 1_002)].map(({ sequence }) => sequence),
      [999, 1_000, 1_001, 1_002],
    );
  });

  it('takes the whole commit back when its change throws', () => {
    open();
    append(1n);
    const head = storage!.log.head();
    assert.throws(
      () =>
        storage!.commit(() => {
          storage!.log.append([transferEntry(2n)], 1);
          throw new Error('no');
        }),
      /no/,
    );
    assert.deepEqual(storage!.log.head(), head);
    append(3n);
    close();
    assert.deepEqual(
      [...open().log.range(1)].map(({ entry }) => 'id' in entry && entry.id),
      [1n, 3n],
    );
  });

  it('never has the same transfer twice', () => {
    open();
    append(1n);
    assert.throws(() => append(1n), /UNIQUE/);
    assert.equal(storage!.log.head().sequence, 1);
  });

  it('refuses to change or delete log entries', () => {
    open();
    append(1n);
    close();
    const database = new Sqlite(file);
    assert.throws(() => database.exec('DELETE FROM log'), /append-only/);
    assert.throws(() => database.exec('UPDATE log SET received_ms = 2'), /append-only/);
    database.close();
  });

  it('refuses a second process with DATABASE_IN_USE', () => {
    open();
    assert.throws(() => openStorage({ file }), { code: 'DATABASE_IN_USE' });
  });

  it('refuses a newer schema with DATABASE_NEWER', () => {
    open();
    close();
    const database = new Sqlite(file);
    database.pragma('user_version = 99');
    database.close();
    assert.throws(() => open(), { code: 'DATABASE_NEWER' });
  });

  describe('damage', () => {
    beforeEach(() => {
      open();
      append(1n, 2n);
      append(3n);
      close();
    });

    for (const [what, sql, part] of [
      ['a changed entry', "UPDATE log SET payload = x'00' WHERE sequence = 2", /entry 2/],
      ['a changed time', 'UPDATE log SET received_ms = 0 WHERE sequence = 3', /entry 3/],
      ['a missing entry', 'DELETE FROM log WHERE sequence = 2', /entry 2 is missing/],
      ['a lost end', 'DELETE FROM log WHERE sequence = 3', /ends at log entry 2, but entry 3 was acknowledged/],
      ['a lost log', 'DELETE FROM log', /ends at log entry 0/],
    ] as const) {
      it(`finds ${what}`, () => {
        tamper(sql);
        assert.throws(open, isDamaged(part));
      });
    }

    it('finds a consistent but different history of the same length', () => {
      const head = readFileSync(`${file}.head`);
      rmSync(join(directory, 'a'), { recursive: true });
      open();
      append(1n, 2n);
      append(4n);
      close();
      writeFileSync(`${file}.head`, head);
      assert.throws(open, isDamaged(/entry 3 is not the one that was acknowledged/));
    });

    it('finds a database that is gone while its witness is there', () => {
      rmSync(file);
      assert.throws(open, isDamaged(/ends at log entry 0/));
    });

    it('finds a missing witness, and goes on without it only when told to', () => {
      rmSync(`${file}.head`);
      assert.throws(open, isDamaged(/witness/));
      storage = openStorage({ file, trustWithoutWitness: true });
      append(4n);
      close();
      open();
      assert.equal(storage!.log.head().sequence, 4);
    });

    it('goes on with the other slot when a write of the witness was torn', () => {
      const bytes = readFileSync(`${file}.head`);
      for (const slot of [0, 96]) {
        const torn = Buffer.from(bytes);
        torn.fill(0xff, slot, slot + 20);
        writeFileSync(`${file}.head`, torn);
        open();
        assert.equal(storage!.log.head().sequence, 3);
        close();
      }
    });

    it('finds a file that is no database, and one that is cut off', () => {
      const good = readFileSync(file);
      writeFileSync(file, 'not a database, not even close, but longer than a header of one hundred bytes '.repeat(3));
      assert.throws(open, isDamaged(/NOTADB/));
      writeFileSync(file, good);
      truncateSync(file, statSync(file).size - 4_096);
      assert.throws(open, isDamaged(/./));
    });

    it('finds any flipped byte of the log pages, or reads the same entries', () => {
      const good = readFileSync(file);
      const witness = readFileSync(`${file}.head`);
      const expected = [1n, 2n, 3n];
      let found = 0;
      for (let position = 100; position < good.length; position += 257) {
        const bad = Buffer.from(good);
        bad[position] = bad[position]! ^ 0x10;
        writeFileSync(file, bad);
        writeFileSync(`${file}.head`, witness);
        try {
          open();
          assert.deepEqual(
            [...storage!.log.range(1)].map(({ entry }) => 'id' in entry && entry.id),
            expected,
          );
        } catch (error) {
          assert.equal((error as RollupError).code, 'DATABASE_DAMAGED', `byte ${position}: ${error}`);
          found += 1;
        } finally {
          close();
        }
      }
      assert.ok(found > 0);
    });

    it('keeps every acknowledged commit of a process that was killed', () => {
      killAfterAppending(file, 10);
      assert.ok(existsSync(`${file}-wal`));
      open();
      assert.equal(storage!.log.head().sequence, 13);
      assert.equal(storage!.log.findTransfer(109n)?.sequence, 13);
    });
  });
});
