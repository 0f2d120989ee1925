import { strict as assert } from 'node:assert';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openStorage, type SalvageReport, salvageDatabase } from '../../storage/index.ts';
import { assertCode } from '../support/assertions.ts';
import { createRandom, type Random } from '../support/property/random.ts';
import { hashFiles, killAfterAppending } from '../support/storage/killed.ts';
import { transferEntry } from '../support/storage/log-entries.ts';

/** As many as are in the database, and then as many as are only in the -wal. */
const CLOSED = 40;
const KILLED = 30;
const ALL = CLOSED + KILLED;
const SEED = process.env['QUITTANCE_TEST_SEED'] ?? 'salvage';

describe('Storage: salvage', function () {
  this.timeout(60_000);
  let home: string;
  let folder: string;
  let count = 0;
  const file = () => join(folder, 'sequencer.db');
  const idAt = (sequence: number) => BigInt(sequence <= CLOSED ? sequence - 1 : 100 + sequence - CLOSED - 1);

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'quittance-salvage-'));
    const path = join(home, 'killed', 'sequencer.db');
    const storage = openStorage({ file: path });
    for (let id = 0n; id < CLOSED; id++) storage.commit(() => storage.log.append([transferEntry(id)], 1));
    storage.close();
    killAfterAppending(path, KILLED);
  });
  beforeEach(() => {
    folder = join(home, 'copy');
    cpSync(join(home, 'killed'), folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => rmSync(home, { recursive: true, force: true }));

  const flip = (path: string, position: number, bit: number): void => {
    const bytes = readFileSync(path);
    bytes[position] = bytes[position]! ^ (1 << bit);
    writeFileSync(path, bytes);
  };
  const close = (): void => {
    const storage = openStorage({ file: file() });
    storage.commit(() => undefined);
    storage.close();
  };

  /** Salvages, and compares the new database with what its report says. The old files are as they were. */
  const salvage = (): SalvageReport => {
    const found = hashFiles(folder);
    const into = join(home, `new-${count++}`, 'saved.db');
    mkdirSync(join(into, '..'));
    const report = salvageDatabase({ file: file(), into, nowMs: 7 });
    assert.deepEqual(hashFiles(folder), found);
    assert.equal(report.problem, undefined);
    assert.equal(report.file, into);
    const storage = openStorage({ file: into });
    const entries = [...storage.log.range(1)];
    assert.equal(entries.length, report.entries);
    for (const { sequence, entry } of entries) assert.deepEqual(entry, transferEntry(idAt(sequence)));
    storage.commit(() => storage.log.append([transferEntry(5_000n)], 1));
    storage.close();
    openStorage({ file: into }).close();
    return report;
  };

  it('copies a database that is not damaged as it is', () => {
    const { isWhole, entries, acknowledged, missing } = salvage();
    assert.deepEqual([isWhole, entries, acknowledged, missing], [true, ALL, ALL, undefined]);
  });

  it(`saves every entry after any one bit of the -wal was flipped (QUITTANCE_TEST_SEED="${SEED}")`, () => {
    const random = createRandom(SEED);
    const wal = readFileSync(`${file()}-wal`);
    const header = [0, 8, 10, 16, 24, 31, 32, 36, 40, 48];
    for (const position of [...header, ...Array.from({ length: 30 }, () => random.below(wal.length))]) {
      writeFileSync(`${file()}-wal`, wal);
      flip(`${file()}-wal`, position, random.below(8));
      const { entries, missing } = salvage();
      assert.deepEqual([entries, missing], [ALL, undefined], `byte ${position}`);
    }
  });

  it('says which entries are missing with the -wal', () => {
    rmSync(`${file()}-wal`);
    const { entries, acknowledged, missing, known } = salvage();
    assert.deepEqual([entries, acknowledged], [CLOSED, ALL]);
    assert.deepEqual(missing, { first: CLOSED + 1, last: ALL, count: KILLED });
    assert.deepEqual(known, []);
  });

  it('saves what a -wal that was cut off still holds', () => {
    const frame = 4_096 + 24;
    truncateSync(`${file()}-wal`, 32 + 20 * frame + 100);
    const { entries, missing } = salvage();
    assert.ok(entries > CLOSED && entries < ALL, String(entries));
    assert.deepEqual(missing, { first: entries + 1, last: ALL, count: ALL - entries });
  });

  it('says nothing of what was acknowledged when the witness is lost', () => {
    rmSync(`${file()}.head`);
    const { entries, acknowledged, missing } = salvage();
    assert.deepEqual([entries, acknowledged, missing], [ALL, undefined, undefined]);
  });

  it('saves what only a -wal holds when the database is gone', () => {
    rmSync(file());
    assert.ok(salvage().entries >= 0);
  });

  /** Bytes of an entry in the closed database. */
  const placeOf = (sequence: number): number => {
    const database = new Sqlite(file(), { readonly: true });
    const row = database
      .prepare<[number], { chain: Buffer }>('SELECT chain FROM log WHERE sequence = ?')
      .get(sequence)!;
    database.close();
    return readFileSync(file()).indexOf(row.chain);
  };

  it('mends an entry with one flipped bit: its neighbors in the chain say which', () => {
    close();
    const chainAt = placeOf(17);
    for (const [offset, bit] of [
      [-100, 3],
      [-1, 0],
      [5, 7],
    ] as const) {
      flip(file(), chainAt + offset, bit);
      assert.equal(salvage().entries, ALL, String(offset));
      flip(file(), chainAt + offset, bit);
    }
  });

  it('ends before an entry that is gone, and names the acknowledged transfers behind it', () => {
    close();
    const bytes = readFileSync(file());
    bytes.fill(0xff, placeOf(17) - 150, placeOf(17) + 32);
    writeFileSync(file(), bytes);
    const { entries, missing, known, isWhole } = salvage();
    assert.ok(!isWhole && entries < 17 && entries > 10, String(entries));
    assert.deepEqual(missing, { first: entries + 1, last: ALL, count: ALL - entries });
    assert.ok(known.length > ALL - 17 - 8, String(known.length));
    for (const { sequence, id } of known) assert.equal(id, idAt(sequence));
  });

  it(`saves nearly everything after any one bit of a closed database was flipped (QUITTANCE_TEST_SEED="${SEED}")`, () => {
    close();
    const random: Random = createRandom(SEED);
    const good = readFileSync(file());
    const saved: number[] = [];
    for (let i = 0; i < 60; i++) {
      writeFileSync(file(), good);
      flip(file(), random.below(good.length), random.below(8));
      saved.push(salvage().entries);
    }
    assert.ok(saved.filter((entries) => entries === ALL).length > 50, saved.join());
  });

  it('mends a flipped bit in the head of an entry, its number, its time and the head of its page', () => {
    const timed = join(folder, 'timed.db');
    const storage = openStorage({ file: timed });
    for (let id = 0n; id < 20n; id++) storage.commit(() => storage.log.append([transferEntry(id)], 1_790_000_000_000));
    storage.close();
    const database = new Sqlite(timed, { readonly: true });
    const { chain, payload } = database
      .prepare<[], { chain: Buffer; payload: Buffer }>('SELECT chain, payload FROM log WHERE sequence = 17')
      .get()!;
    database.close();
    const good = readFileSync(timed);
    const time = good.indexOf(chain) - 6;
    // Lengths and number, and the types of six columns of which two take a second byte, are before the id.
    const head = time - payload.length - 32 - 11;
    const page = time - (time % 4_096);
    const places = [...Array.from({ length: 11 }, (_, index) => head + index), time, time + 5, page];
    for (const [index, position] of places.entries()) {
      flip(timed, position, index % 8);
      const report = salvageDatabase({ file: timed, into: join(home, `timed-${index}.db`), nowMs: 1 });
      assert.deepEqual([report.entries, report.problem], [20, undefined], `byte ${position - head} of the head`);
      writeFileSync(timed, good);
    }
  });

  it('refuses to save what is not there, and makes the folder of the new database', () => {
    const nothing = join(home, 'mistyped.db');
    const into = join(home, 'made', 'saved.db');
    assertCode(() => salvageDatabase({ file: nothing, into, nowMs: 1 }), 'CONFIG_INVALID');
    assert.ok(!existsSync(into) && !existsSync(`${nothing}.open`));
    assert.equal(salvageDatabase({ file: file(), into, nowMs: 1 }).entries, ALL);
    assert.deepEqual(readdirSync(join(home, 'made')), ['saved.db', 'saved.db.head']);
  });

  it('leaves no new database when it fails half way', () => {
    const into = join(home, 'half', 'saved.db');
    const prepare = Sqlite.prototype.prepare;
    Sqlite.prototype.prepare = function (this: Sqlite.Database, sql: string) {
      if (!sql.startsWith('SELECT value FROM meta')) return prepare.call(this, sql);
      throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
    } as typeof prepare;
    try {
      assertCode(() => salvageDatabase({ file: file(), into, nowMs: 1 }), 'DISK_FULL');
    } finally {
      Sqlite.prototype.prepare = prepare;
    }
    assert.deepEqual(readdirSync(join(home, 'half')), []);
    assert.equal(salvageDatabase({ file: file(), into, nowMs: 1 }).entries, ALL);
  });

  it('never writes over anything, and takes no database that is in use', () => {
    writeFileSync(join(home, 'there.db'), 'something');
    assertCode(() => salvageDatabase({ file: file(), into: join(home, 'there.db'), nowMs: 1 }), 'CONFIG_INVALID');
    assert.equal(readFileSync(join(home, 'there.db'), 'utf8'), 'something');
    const storage = openStorage({ file: file() });
    const into = join(home, 'in-use.db');
    assertCode(() => salvageDatabase({ file: file(), into, nowMs: 1 }), 'DATABASE_IN_USE');
    storage.close();
  });
});
