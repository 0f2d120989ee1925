import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packOperation, RecordKind } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { type Database, openDatabase } from '../../storage/database.ts';
import {
  accountKey,
  creationKey,
  openStorage,
  ownerKey,
  referenceKey,
  type Storage,
  salvageDatabase,
  type TransferEntry,
} from '../../storage/index.ts';
import { createLogRepository, verifyChain } from '../../storage/log.ts';
import { createLookups } from '../../storage/lookups.ts';
import { property } from '../support/property/property.ts';
import { priorityEntry, transferEntry } from '../support/storage/log-entries.ts';

const ALL = Number.MAX_SAFE_INTEGER;

/** A transfer from one account to another. */
function between(id: bigint, from: number, to: number, reference?: string): TransferEntry {
  const entry = transferEntry(id);
  const fields = { ...entry.operation.fields, kind: RecordKind.transfer, from, to };
  const operation = { ...entry.operation, fields, words: [] };
  const common = { ...entry, operation, packed: packOperation(operation) };
  const signature = { r8: { x: 1n, y: 2n }, s: 3n };
  return reference === undefined ? common : { ...common, reference: { bytes: Buffer.from(reference), ...signature } };
}

/** Writes what only memory knows. */
function flush(storage: Storage): void {
  for (const _ of storage.lookups.flush());
}

describe('Storage: lookups', () => {
  let directory: string;
  let count = 0;
  const newFile = () => join(directory, `${count++}.db`);
  const append = (storage: Storage, ...entries: TransferEntry[]): number =>
    storage.commit(() => storage.log.append(entries, 1));

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-lookups-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('find entries by account, owner and reference, written or not, and after a start', () => {
    const file = newFile();
    let storage = openStorage({ file });
    append(storage, between(1n, 5, 6), between(2n, 6, 7, 'rent'), between(3n, 5, 5));
    flush(storage);
    storage.commit(() => {
      const sequence = storage.log.append([priorityEntry(0)], 1);
      const block = { blockNumber: 1, blockHash: '0x1', transactionHash: '0x2', deadline: 9 };
      storage.priority.insert({ queueIndex: 0, sequence, kind: 4, ...block });
    });
    append(storage, between(4n, 6, 5, 'rent'));
    for (const _ of [1, 2]) {
      const { lookups } = storage;
      assert.deepEqual(lookups.before(accountKey(5), ALL, 9), [5, 3, 1]);
      assert.deepEqual(lookups.before(accountKey(6), ALL, 9), [5, 2, 1]);
      assert.deepEqual(lookups.before(accountKey(6), 5, 1), [2]);
      assert.deepEqual(lookups.from(accountKey(6), 2, 9), [2, 5]);
      assert.deepEqual(lookups.from(accountKey(6), 1, 2), [1, 2]);
      assert.deepEqual(lookups.before(accountKey(3), ALL, 9), [4], 'the leaf of the deposit');
      assert.deepEqual(lookups.from(ownerKey(2n), 1, 9), [4], 'the owner of the deposit');
      assert.deepEqual(lookups.from(creationKey(3), 1, 9), [4], 'what created the account');
      assert.deepEqual(lookups.from(creationKey(5), 1, 9), []);
      assert.deepEqual(lookups.before(referenceKey(Buffer.from('rent')), ALL, 9), [5, 2]);
      assert.deepEqual(lookups.before(referenceKey(Buffer.from('Rent')), ALL, 9), []);
      assert.deepEqual(lookups.before(accountKey(9), ALL, 9), []);
      storage.close();
      storage = openStorage({ file });
    }
    storage.close();
  });

  it('forget what a commit that failed appended', () => {
    const storage = openStorage({ file: newFile() });
    append(storage, between(1n, 5, 6));
    assert.throws(() =>
      storage.commit(() => {
        storage.log.append([between(2n, 5, 8)], 1);
        throw new Error('no');
      }),
    );
    append(storage, between(3n, 6, 5));
    assert.deepEqual(storage.lookups.before(accountKey(5), ALL, 9), [2, 1]);
    assert.deepEqual(storage.lookups.before(accountKey(8), ALL, 9), []);
    storage.close();
  });

  it('are whole after a crash between two steps of writing, and go on from an interrupted one', () => {
    const file = newFile();
    let storage = openStorage({ file });
    append(storage, ...Array.from({ length: 600 }, (_, index) => between(BigInt(index + 1), index, index + 1)));
    storage.lookups.flush().next();
    append(storage, between(1_000n, 0, 600));
    assert.deepEqual(storage.lookups.before(accountKey(0), ALL, 9), [601, 1]);
    storage.close();
    storage = openStorage({ file });
    assert.equal(storage.lookups.unwrittenCount, 1_202);
    assert.deepEqual(storage.lookups.before(accountKey(0), ALL, 9), [601, 1]);
    storage.lookups.flush().next();
    append(storage, between(1_001n, 0, 600));
    flush(storage);
    assert.equal(storage.lookups.unwrittenCount, 0);
    assert.deepEqual(storage.lookups.before(accountKey(0), ALL, 9), [602, 601, 1]);
    storage.close();
    storage = openStorage({ file });
    assert.equal(storage.lookups.unwrittenCount, 0, 'all of it is in the table');
    assert.deepEqual(storage.lookups.from(accountKey(600), 1, 9), [600, 601, 602]);
    storage.close();
  });

  it('of a long log are read and written in pieces, which stay, once something is asked or written', () => {
    const file = newFile();
    let storage = openStorage({ file });
    append(storage, ...Array.from({ length: 600 }, (_, index) => between(BigInt(index + 1), index % 7, 7)));
    storage.close();
    const before = readFileSync(file);
    const pieces: [first: number, last: number][] = [];
    /** With 100 entries a piece. */
    const open = () => {
      const database = openDatabase({ file });
      const log = createLogRepository(database, verifyChain(database), () => undefined);
      const counted: typeof log = {
        ...log,
        range(first, last = 0) {
          pieces.push([first, last]);
          return log.range(first, last);
        },
      };
      return { database, lookups: createLookups(database, counted, 100) };
    };
    let { database, lookups } = open();
    assert.deepEqual([lookups.unreadCount, lookups.unwrittenCount, pieces], [600, 0, []]);
    assert.deepEqual(readFileSync(file), before, 'the file is as it was');
    const writing = lookups.flush();
    while (lookups.unreadCount > 300) {
      writing.next();
      assert.ok(lookups.unwrittenCount <= 200, 'no more than a piece is in memory');
    }
    database.close();
    assert.deepEqual(pieces.splice(0), [
      [1, 100],
      [101, 200],
      [201, 300],
    ]);
    ({ database, lookups } = open());
    const added = between(1_000n, 3, 8);
    lookups.add(601, added);
    // In the middle of a piece somebody asks, and then the writing goes on.
    const left = lookups.flush();
    left.next();
    const all = Array.from({ length: 86 }, (_, index) => 7 * index + 4).filter((one) => one <= 600);
    assert.deepEqual(lookups.from(accountKey(3), 1, 100), [...all, 601]);
    assert.equal(lookups.unreadCount, 0);
    assert.deepEqual(pieces.splice(0), [
      [201, 300],
      [301, 400],
      [401, 500],
      [501, 600],
    ]);
    for (const _ of left);
    assert.equal(lookups.unwrittenCount, 0);
    assert.deepEqual(lookups.before(accountKey(3), ALL, 2), [601, all.at(-1)]);
    database.close();
    storage = openStorage({ file });
    assert.deepEqual(storage.lookups.before(accountKey(7), ALL, 1_000).length, 600);
    storage.close();
  });

  it('go on where the disk took no more', () => {
    const database = openDatabase({ file: newFile() });
    const entries = Array.from({ length: 5 }, (_, index) => between(BigInt(index + 1), index, 7));
    const log = {
      head: () => ({ sequence: entries.length, chain: Buffer.alloc(0) }),
      *range(first: number, last = entries.length) {
        for (let sequence = first; sequence <= last; sequence++) {
          yield { sequence, receivedMs: 1, entry: entries[sequence - 1]! };
        }
      },
    };
    let failures = 2;
    const failing: Database = {
      ...database,
      stage(change) {
        if (failures-- > 0) throw new Error('full');
        return database.stage(change);
      },
    };
    const lookups = createLookups(failing, log, 2);
    for (const _ of [1, 2]) assert.throws(() => lookups.from(accountKey(7), 1, 9), /full/);
    assert.deepEqual(lookups.from(accountKey(7), 1, 9), [1, 2, 3, 4, 5]);
    for (const _ of lookups.flush());
    assert.deepEqual(createLookups(database, log, 2).before(accountKey(7), ALL, 9), [5, 4, 3, 2, 1]);
    database.close();
  });

  it('are made of the log again when they were written with other keys', () => {
    const file = newFile();
    let storage = openStorage({ file });
    append(storage, between(1n, 5, 6));
    flush(storage);
    const { version: _, ...other } = JSON.parse(storage.meta.get('lookups')!) as Record<string, unknown>;
    storage.commit(() => storage.meta.set('lookups', JSON.stringify(other)));
    storage.close();
    storage = openStorage({ file });
    assert.equal(storage.lookups.unwrittenCount, 2);
    flush(storage);
    storage.close();
    storage = openStorage({ file });
    assert.equal(storage.lookups.unwrittenCount, 0);
    storage.close();
  });

  for (const [what, sql] of [
    ['a row is missing', 'DELETE FROM entries_by_key WHERE key = 5 AND sequence = 1'],
    ['a row is of another account', 'UPDATE entries_by_key SET key = 4 WHERE key = 5 AND sequence = 1'],
    ['a row is of another entry', 'UPDATE entries_by_key SET sequence = 3 WHERE key = 6 AND sequence = 2'],
    ['a row is too many', 'INSERT INTO entries_by_key VALUES (5, 2)'],
    ['all rows are lost', 'DELETE FROM entries_by_key'],
  ] as const) {
    it(`are made of the log again when ${what}`, () => {
      const file = newFile();
      let storage = openStorage({ file });
      append(storage, between(1n, 5, 6), between(2n, 6, 7), between(3n, 5, 7));
      flush(storage);
      storage.close();
      const database = new Sqlite(file);
      database.exec(sql);
      database.close();
      for (const unwritten of [6, 0]) {
        storage = openStorage({ file });
        assert.equal(storage.lookups.unwrittenCount, unwritten);
        assert.deepEqual(storage.lookups.before(accountKey(5), ALL, 9), [3, 1]);
        assert.deepEqual(storage.lookups.before(accountKey(6), ALL, 9), [2, 1]);
        assert.deepEqual(storage.lookups.before(accountKey(4), ALL, 9), []);
        flush(storage);
        storage.close();
      }
    });
  }

  it('are made of the log that a salvage saved', () => {
    const file = newFile();
    let storage = openStorage({ file });
    append(storage, between(1n, 5, 6, 'rent'), between(2n, 6, 7));
    flush(storage);
    storage.commit(() => storage.meta.set('deployment', 'x'));
    storage.close();
    const damaged = new Sqlite(file);
    damaged.exec("UPDATE meta SET value = 'y' WHERE name = 'deployment'");
    damaged.close();
    const into = newFile();
    assert.equal(salvageDatabase({ file, into, nowMs: 1 }).isWhole, false);
    storage = openStorage({ file: into });
    assert.equal(storage.lookups.unwrittenCount, 5);
    assert.deepEqual(storage.lookups.before(referenceKey(Buffer.from('rent')), ALL, 9), [1]);
    storage.close();
  });

  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ from: fc.nat({ max: 4 }), to: fc.nat({ max: 4 }) }) },
    fc.constantFrom('flush' as const, 'half' as const, 'reopen' as const),
  );
  property<[(typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]]>(
    'say what the log says, whatever is written in between',
    [fc.array(step, { maxLength: 40 })],
    (steps) => {
      const file = newFile();
      let storage = openStorage({ file });
      const expected = new Map<number, number[]>();
      let sequence = 0;
      for (const one of steps) {
        if (one === 'flush') flush(storage);
        else if (one === 'half') storage.lookups.flush().next();
        else if (one === 'reopen') {
          storage.close();
          storage = openStorage({ file });
        } else {
          sequence += 1;
          append(storage, between(BigInt(sequence), one.from, one.to));
          for (const account of new Set([one.from, one.to])) {
            expected.set(account, [...(expected.get(account) ?? []), sequence]);
          }
        }
      }
      for (let account = 0; account <= 4; account++) {
        const all = expected.get(account) ?? [];
        assert.deepEqual(storage.lookups.from(accountKey(account), 1, 100), all);
        assert.deepEqual(storage.lookups.before(accountKey(account), ALL, 3), all.toReversed().slice(0, 3));
        const middle = all[all.length >> 1] ?? 1;
        const later = all.filter((one) => one >= middle);
        assert.deepEqual(storage.lookups.from(accountKey(account), middle, 2), later.slice(0, 2));
      }
      storage.close();
    },
    { runs: 15 },
  );
});
