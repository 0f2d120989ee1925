import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { rowChecksum } from '../../storage/checksum.ts';
import { accountKey, openStorage, salvageDatabase, toBytes } from '../../storage/index.ts';
import { EMPTY_CHAIN, encodeEntry, type LogEntry, nextChain } from '../../storage/log-codec.ts';
import { MIGRATIONS } from '../../storage/migrations/index.ts';
import { migrate } from '../../storage/schema.ts';
import { priorityEntry, transferEntry } from '../support/storage/log-entries.ts';

/** Before what a batch leaves behind was packed. */
const UNPACKED = 4;
const ROOT = 77n;
const ACCOUNTS = 300;

const header = (number: number, withdrawalCount: number) =>
  JSON.stringify({
    ...{ number, time: 1, parentHash: '0x01', stateRoot: String(ROOT), chunksHash: '0x02', withdrawalsRoot: '0x03' },
    ...{ withdrawalCount, priorityCount: 1, transferToNewCount: 0 },
  });

describe('Storage: a database from before batches were packed', () => {
  let directory: string;
  const file = () => join(directory, 'old.db');
  /** The same, never opened. */
  const sound = () => join(directory, 'sound.db');
  /** The same with a flipped bit in the hash chain of its log. */
  const damaged = () => join(directory, 'damaged.db');

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-migration-'));
    const old = new Sqlite(file());
    migrate(old, file(), MIGRATIONS.slice(0, UNPACKED));
    const insert = (table: string, row: Readonly<Record<string, unknown>>, isChecked = true): void => {
      const values = Object.values(row);
      const all = isChecked ? { ...row, checksum: rowChecksum(table, values) } : row;
      const names = Object.keys(all);
      old
        .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`)
        .run(...Object.values(all));
    };
    let chain = EMPTY_CHAIN;
    // A deposit, and transfers around it: they are executed behind it. The last transfer is open.
    const entries: LogEntry[] = [
      transferEntry(1n),
      priorityEntry(0),
      transferEntry(2n),
      { type: 'seal', batch: 1, lastSequence: 3, headerHash: '0x1' },
      transferEntry(3n),
    ];
    for (const [index, entry] of entries.entries()) {
      const row = { sequence: index + 1, ...encodeEntry(entry), received_ms: 5 };
      chain = nextChain(chain, row);
      insert('log', { ...row, chain }, false);
    }
    insert('batches', {
      ...{ number: 1, first_sequence: 1, last_sequence: 3, state: 'sealed', contested: null, time: 1 },
      ...{ header: header(1, 2), header_hash: '0x1', transfer_count: 2, priority_count: 1, sealed_ms: 5 },
      ...{ l1_transaction: null, l1_block_number: null, l1_block_hash: null, posted_ms: null, final_ms: null },
      ...{ form: 0, blob_hashes: '[]' },
    });
    const root = toBytes(ROOT, 32);
    for (const position of [0, 1]) {
      insert('chunks', {
        ...{ batch: 1, position, data: Buffer.alloc(31, position), old_root: root, new_root: root },
        ...{ commitment: root, fee_tokens: '7', visible: Buffer.alloc(112, 9) },
      });
    }
    for (const [sequence, chunk, slot, withdrawal] of [
      [2, 0, 0, null],
      [1, 0, 2, 1],
      [3, 1, 5, 0],
    ] as const) {
      insert('placements', { sequence, batch: 1, chunk, slot, withdrawal });
    }
    for (const [position, destination, key] of [
      [0, null, null],
      [1, 3, toBytes(11n, 32)],
    ] as const) {
      const money = { owner_and_token: toBytes(5n, 32), amount: toBytes(6n, 16) };
      insert('withdrawals', { batch: 1, position, ...money, destination, key_y: key });
    }
    for (let leaf = ACCOUNTS - 1; leaf >= 0; leaf--) {
      const account = {
        key_y: toBytes(8n, 32),
        owner: toBytes(9n, 20),
        token_id: 4,
        nonce: 3,
        balance: toBytes(BigInt(leaf), 16),
      };
      insert('leaves', { leaf_index: 2 * leaf, batch: leaf % 3 === 0 ? 1 : 0, ...account });
    }
    insert('priority', {
      ...{
        queue_index: 0,
        sequence: 2,
        kind: 4,
        l1_block_number: 1,
        l1_block_hash: '0x',
        l1_transaction: '0x',
        deadline: 1,
      },
    });
    old.close();
    copyFileSync(file(), sound());
    copyFileSync(file(), damaged());
    const bytes = readFileSync(damaged());
    const at = bytes.indexOf(chain);
    assert.ok(at > 0);
    bytes[at] = bytes[at]! ^ 1;
    writeFileSync(damaged(), bytes);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('says the same as before', () => {
    const storage = openStorage({ file: file(), trustWithoutWitness: true });
    const { outcomes, leaves, chunks } = storage;
    const at = (sequence: number, chunk: number, slot: number, withdrawal: number | undefined) => ({
      ...{ sequence, batch: 1, chunk, slot, withdrawal },
    });
    const placements = [at(2, 0, 0, undefined), at(1, 0, 2, 1), at(3, 1, 5, 0)];
    assert.deepEqual(outcomes.placementsOf(1), placements);
    for (const placement of placements) assert.deepEqual(outcomes.placementOf(placement.sequence), placement);
    for (const sequence of [0, 4, 5, 99]) assert.equal(outcomes.placementOf(sequence), undefined);
    assert.deepEqual(outcomes.placedAbove(1), new Set([2, 3]));
    assert.deepEqual(outcomes.transferIdsOf(1), [1n, 2n]);
    assert.deepEqual(outcomes.withdrawalsOf(1), [
      { ownerAndToken: 5n, amount: 6n },
      { ownerAndToken: 5n, amount: 6n, move: { destination: 3, keyY: 11n } },
    ]);
    assert.deepEqual(
      chunks.ofBatch(1).map(({ firstTransfer, firstPriority }) => [firstTransfer, firstPriority]),
      [
        [1, 2],
        [3, undefined],
      ],
    );
    const state = [...leaves.stateAfter(1)];
    assert.equal(state.length, ACCOUNTS);
    for (const [position, [index, account]] of state.entries()) {
      assert.equal(index, 2 * position);
      assert.deepEqual(account, { keyY: 8n, owner: 9n, tokenId: 4, nonce: 3, balance: BigInt(position) });
    }
    assert.equal([...leaves.stateAfter(0)].length, 200);
    assert.deepEqual(leaves.getAfter(1, 6)?.balance, 3n);
    assert.equal(leaves.getAfter(0, 6), undefined);
    storage.close();
    openStorage({ file: file(), trustWithoutWitness: true }).close();
  });

  it('is salvaged by the version that wrote it: this one would lose its batches, and seal those on L1 anew', () => {
    assert.throws(() => openStorage({ file: damaged(), trustWithoutWitness: true }), { code: 'DATABASE_DAMAGED' });
    const into = join(directory, 'saved.db');
    const refused = {
      code: 'DATABASE_OLDER',
      data: { file: damaged(), actual: UNPACKED, expected: MIGRATIONS.length },
    };
    assert.throws(() => salvageDatabase({ file: damaged(), into, nowMs: 1 }), refused);
    assert.ok(!existsSync(into) && !existsSync(`${into}.part`));
  });

  it('is refused as it is when a row is not as it was written: a migration would make its checksum fit', () => {
    const whole = readFileSync(sound());
    for (const [sql, table] of [
      ["UPDATE leaves SET balance = x'00000000000000000000000000000063' WHERE leaf_index = 6", 'leaves'],
      ["UPDATE withdrawals SET amount = x'00000000000000000000000000000063' WHERE position = 1", 'withdrawals'],
      ['UPDATE placements SET slot = 3 WHERE sequence = 1', 'placements'],
      ['UPDATE batches SET time = 2', 'batches'],
    ] as const) {
      const copy = join(directory, 'flipped.db');
      writeFileSync(copy, whole);
      const database = new Sqlite(copy);
      database.exec(sql);
      database.close();
      const found = readFileSync(copy);
      const refused = { code: 'DATABASE_DAMAGED', message: new RegExp(`a row of ${table} `) };
      assert.throws(() => openStorage({ file: copy, trustWithoutWitness: true }), refused);
      assert.ok(readFileSync(copy).equals(found), 'for the version that wrote it');
      assert.throws(() => salvageDatabase({ file: copy, into: join(directory, 'no.db'), nowMs: 1 }), {
        code: 'DATABASE_OLDER',
      });
    }
  });

  /** The database as the version before lookups left it. @param sql what was done to it since. */
  const withoutLookups = (sql?: string): string => {
    const copy = join(directory, 'fifth.db');
    copyFileSync(sound(), copy);
    const database = new Sqlite(copy);
    migrate(database, copy, MIGRATIONS.slice(0, 5));
    if (sql !== undefined) database.exec(sql);
    database.close();
    return copy;
  };

  it('gets its lookups from its log, and the gas that nobody noted is unknown', () => {
    const storage = openStorage({ file: withoutLookups(), trustWithoutWitness: true });
    assert.equal(storage.batches.get(1)?.gasUsed, undefined);
    assert.deepEqual(storage.lookups.before(accountKey(1), 100, 9), [5, 3, 1]);
    assert.deepEqual(storage.lookups.before(accountKey(3), 100, 9), [2]);
    for (const _ of storage.lookups.flush());
    assert.equal(storage.lookups.unwrittenCount, 0);
    storage.close();
  });

  for (const [table, sql] of [
    ['batches', 'UPDATE batches SET time = 2'],
    ['chunks', 'UPDATE chunks SET first_transfer = 2 WHERE position = 0'],
    ['withdrawals', "UPDATE withdrawals SET withdrawals = x'00'"],
    ['leaf_changes', "UPDATE leaf_changes SET accounts = x'00'"],
    ['leaf_pages', "INSERT INTO leaf_pages VALUES (1, 1, x'00', 0)"],
    ['priority', 'UPDATE priority SET deadline = 2'],
  ] as const) {
    it(`is refused as it is when a row of ${table} of the version before lookups is not as it was written`, () => {
      const refused = { code: 'DATABASE_DAMAGED', message: new RegExp(`a row of ${table} `) };
      assert.throws(() => openStorage({ file: withoutLookups(sql), trustWithoutWitness: true }), refused);
    });
  }

  it('is refused as damaged once a place, an outcome or a withdrawal is lost', () => {
    for (const [sql, columns, problem] of [
      ["UPDATE chunks SET places = x'' WHERE position = 1", 'chunks', /batch 1 or a part of it is missing/],
      ['DELETE FROM withdrawals', undefined, /batch 1 or a part of it is missing/],
      ['DELETE FROM batches', undefined, /what became of log entry 1 is missing/],
    ] as const) {
      const copy = join(directory, 'copy.db');
      rmSync(copy, { force: true });
      const source = new Sqlite(file());
      source.exec(`VACUUM INTO '${copy}'`);
      source.close();
      const database = new Sqlite(copy);
      database.pragma('foreign_keys = ON');
      database.exec(sql);
      if (columns !== undefined) {
        const rows = database.prepare<[], Record<string, unknown>>('SELECT * FROM chunks').all();
        for (const { checksum: _, ...row } of rows) {
          const order = ['batch', 'position', 'data', 'old_root', 'new_root', 'commitment', 'fee_tokens', 'visible'];
          const values = [...order, 'places', 'first_transfer', 'first_priority'].map((name) => row[name]);
          database
            .prepare('UPDATE chunks SET checksum = ? WHERE position = ?')
            .run(rowChecksum('chunks', values), row['position']);
        }
      }
      database.close();
      assert.throws(
        () => openStorage({ file: copy, trustWithoutWitness: true }),
        (error: Error) => problem.test(error.message),
        sql,
      );
    }
  });
});
