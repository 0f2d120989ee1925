import { strict as assert } from 'node:assert';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, isRollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { openStorage } from '../../storage/index.ts';
import { assertCode } from '../support/assertions.ts';
import { createRandom, type Random } from '../support/property/random.ts';
import { hashFiles, killAfterAppending } from '../support/storage/killed.ts';
import { transferEntry } from '../support/storage/log-entries.ts';

/** As many as are in the database, and then as many as are only in the -wal. */
const CLOSED = 40;
const KILLED = 30;
const SEED = process.env['QUITTANCE_TEST_SEED'] ?? 'refusals';

describe('Storage: a refused start', () => {
  let home: string;
  let folder: string;
  const file = () => join(folder, 'sequencer.db');
  const flip = (path: string, position: number, mask = 1): void => {
    const bytes = readFileSync(path);
    bytes[position] = bytes[position]! ^ mask;
    writeFileSync(path, bytes);
  };

  before(() => {
    home = mkdtempSync(join(tmpdir(), 'quittance-refusals-'));
    const path = join(home, 'killed', 'sequencer.db');
    const storage = openStorage({ file: path });
    for (let id = 0n; id < CLOSED; id++) storage.commit(() => storage.log.append([transferEntry(id)], 1));
    storage.close();
    killAfterAppending(path, KILLED);
    // Only the process that has the database open reads it, and it has none: it must stay as it is all the same.
    writeFileSync(`${path}-shm`, 'anything');
  });
  beforeEach(() => {
    folder = join(home, 'copy');
    cpSync(join(home, 'killed'), folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(() => rmSync(home, { recursive: true, force: true }));

  /** Opening is refused with this code, and no file is another, new or gone. */
  const assertUntouched = (code: ErrorCode): void => {
    const found = hashFiles(folder);
    const names = readdirSync(folder, { recursive: true });
    assertCode(() => openStorage({ file: file() }), code);
    assert.deepEqual(hashFiles(folder), found);
    assert.deepEqual(readdirSync(folder, { recursive: true }), names);
  };

  it('changes nothing when it is not refused either, until the first commit', () => {
    const found = hashFiles(folder);
    const storage = openStorage({ file: file() });
    assert.equal([...storage.log.range(1)].length, CLOSED + KILLED);
    storage.close();
    assert.deepEqual(hashFiles(folder), found);
  });

  /** Flips one bit after the other: each start gives all entries or is refused, and changes nothing either way. */
  const tryFlips = (path: string, positions: readonly number[], random: Random): number => {
    const good = readFileSync(path);
    let refused = 0;
    for (const position of positions) {
      writeFileSync(path, good);
      flip(path, position, 1 << random.below(8));
      const found = hashFiles(folder);
      try {
        const storage = openStorage({ file: file() });
        assert.equal([...storage.log.range(1)].length, CLOSED + KILLED, `byte ${position}`);
        storage.close();
      } catch (error) {
        // Bytes 60 to 63 hold the version of the schema: a flipped one can be that of a later release.
        const isNewer = position >= 60 && position < 64 && isRollupError(error, 'DATABASE_NEWER');
        assert.ok(isNewer || isRollupError(error, 'DATABASE_DAMAGED'), `byte ${position}: ${error}`);
        refused += 1;
      }
      assert.deepEqual(hashFiles(folder), found, `byte ${position}`);
    }
    return refused;
  };
  const someOf = (random: Random, size: number, count: number): number[] =>
    Array.from({ length: count }, () => random.below(size));

  it(`changes nothing after a bit of the -wal was flipped, wherever (QUITTANCE_TEST_SEED="${SEED}")`, function () {
    this.timeout(60_000);
    const random = createRandom(SEED);
    const { length } = readFileSync(`${file()}-wal`);
    const header = [0, 4, 8, 12, 16, 24, 31, 32, 36, 40, 48, length - 1];
    assert.ok(tryFlips(`${file()}-wal`, [...header, ...someOf(random, length, 40)], random) > 30);
  });

  it(`changes nothing after a bit of the database was flipped, wherever (QUITTANCE_TEST_SEED="${SEED}")`, function () {
    this.timeout(60_000);
    const random = createRandom(SEED);
    const storage = openStorage({ file: file() });
    storage.commit(() => undefined);
    storage.close();
    const { length } = readFileSync(file());
    const header = Array.from({ length: 100 }, (_, position) => position);
    assert.ok(tryFlips(file(), [...header, ...someOf(random, length, 60)], random) > 20);
  });

  for (const [what, damage, code] of [
    ['the -wal is missing', () => rmSync(`${file()}-wal`), 'DATABASE_DAMAGED'],
    ['the -wal is empty', () => truncateSync(`${file()}-wal`), 'DATABASE_DAMAGED'],
    ['the -wal is cut off', () => truncateSync(`${file()}-wal`, 20_000), 'DATABASE_DAMAGED'],
    ['the database is cut off', () => truncateSync(file(), 8_192), 'DATABASE_DAMAGED'],
    ['the database is missing and its -wal is there', () => rmSync(file()), 'DATABASE_DAMAGED'],
    ['the witness is missing', () => rmSync(`${file()}.head`), 'DATABASE_DAMAGED'],
    ['the witness is damaged', () => writeFileSync(`${file()}.head`, Buffer.alloc(192, 7)), 'DATABASE_DAMAGED'],
    ['the witness is cut off', () => truncateSync(`${file()}.head`, 50), 'DATABASE_DAMAGED'],
    [
      'the witness is ahead',
      () => {
        const other = join(home, 'ahead.db');
        const storage = openStorage({ file: other });
        for (let id = 0n; id < 99n; id++) storage.commit(() => storage.log.append([transferEntry(id)], 1));
        storage.close();
        copyFileSync(`${other}.head`, `${file()}.head`);
      },
      'DATABASE_DAMAGED',
    ],
    [
      'the schema is newer',
      () => {
        openStorage({ file: file() }).close();
        rmSync(`${file()}-shm`);
        const database = new Sqlite(file());
        database.pragma('user_version = 99');
        database.close();
      },
      'DATABASE_NEWER',
    ],
  ] as const) {
    it(`changes nothing when ${what}`, () => {
      damage();
      assertUntouched(code);
    });
  }

  it('changes nothing when there is only a witness', () => {
    for (const name of readdirSync(folder)) if (!name.endsWith('.head')) rmSync(join(folder, name));
    assertUntouched('DATABASE_DAMAGED');
  });

  it('changes nothing while another process has the database, be it looking or writing', () => {
    const storage = openStorage({ file: file() });
    try {
      assertUntouched('DATABASE_IN_USE');
      storage.commit(() => storage.log.append([transferEntry(999n)], 1));
      assertUntouched('DATABASE_IN_USE');
    } finally {
      storage.close();
    }
  });

  it('goes on with a witness that is behind: the process died between the two', () => {
    const storage = openStorage({ file: file() });
    copyFileSync(`${file()}.head`, join(home, 'behind.head'));
    storage.commit(() => storage.log.append([transferEntry(999n)], 1));
    storage.close();
    copyFileSync(join(home, 'behind.head'), `${file()}.head`);
    const again = openStorage({ file: file() });
    assert.equal(again.log.head().sequence, CLOSED + KILLED + 1);
    again.commit(() => undefined);
    again.close();
    openStorage({ file: file() }).close();
  });

  it('finds commits that are missing though the log is all there', () => {
    const storage = openStorage({ file: file() });
    storage.commit(() => storage.log.append([transferEntry(999n)], 1));
    storage.commit(() => storage.meta.set('what L1 said', 'before'));
    const before = readFileSync(`${file()}-wal`);
    storage.commit(() => storage.meta.set('what L1 said', 'after'));
    const witness = readFileSync(`${file()}.head`);
    const database = readFileSync(file());
    storage.close();
    writeFileSync(file(), database);
    writeFileSync(`${file()}-wal`, before);
    writeFileSync(`${file()}.head`, witness);
    assertUntouched('DATABASE_DAMAGED');
  });

  it('leaves nothing of its own behind, and clears away what a killed process left', () => {
    const storage = openStorage({ file: file() });
    cpSync(`${file()}.open`, join(home, 'left'), { recursive: true });
    storage.close();
    cpSync(join(home, 'left'), `${file()}.open`, { recursive: true });
    const again = openStorage({ file: file() });
    again.commit(() => undefined);
    again.close();
    assert.deepEqual(readdirSync(folder).sort(), ['sequencer.db', 'sequencer.db-shm', 'sequencer.db.head']);
  });

  it('waits for a process that is just ending and removes its lock', () => {
    const first = openStorage({ file: file() });
    const exec = Sqlite.prototype.exec;
    Sqlite.prototype.exec = function (sql: string) {
      // The second has its lock file open, and asks for the lock.
      Sqlite.prototype.exec = exec;
      first.close();
      return exec.call(this, sql);
    };
    const second = openStorage({ file: file() });
    assertCode(() => openStorage({ file: file() }), 'DATABASE_IN_USE');
    second.commit(() => undefined);
    second.close();
  });

  it('says DISK_FULL when there is no room for the lock', () => {
    const exec = Sqlite.prototype.exec;
    Sqlite.prototype.exec = () => {
      throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    };
    try {
      assertCode(() => openStorage({ file: file() }), 'DISK_FULL');
    } finally {
      Sqlite.prototype.exec = exec;
    }
    openStorage({ file: file() }).close();
  });

  it('begins a take-over anew that failed half way, and commits nothing without a witness', () => {
    const fresh = join(folder, 'fresh.db');
    const storage = openStorage({ file: fresh });
    const append = (id: bigint): unknown => storage.commit(() => storage.log.append([transferEntry(id)], 1));
    mkdirSync(`${fresh}.head`);
    assertCode(() => append(1n), 'DATABASE_DAMAGED');
    assertCode(() => append(2n), 'DATABASE_DAMAGED');
    rmSync(`${fresh}.head`, { recursive: true });
    append(3n);
    assert.deepEqual(
      [...storage.log.range(1)].map(({ entry }) => entry),
      [transferEntry(3n)],
    );
    storage.close();
    openStorage({ file: fresh }).close();
  });

  it('keeps one witness, beside the file, by whatever links it is opened', () => {
    const target = join(folder, 'target.db');
    const link = join(folder, 'links', 'link.db');
    mkdirSync(join(folder, 'links'));
    symlinkSync('../target.db', link);
    for (const path of [link, target, link]) {
      const storage = openStorage({ file: path });
      storage.commit(() => storage.meta.set('opened', path));
      storage.close();
    }
    assert.deepEqual(readdirSync(join(folder, 'links')), ['link.db']);
    const witness = readFileSync(`${target}.head`);
    const database = readFileSync(target);
    const storage = openStorage({ file: link });
    storage.commit(() => storage.meta.set('opened', 'last'));
    storage.close();
    assert.notDeepEqual(readFileSync(`${target}.head`), witness);
    writeFileSync(target, database);
    assertCode(() => openStorage({ file: link }), 'DATABASE_DAMAGED');
  });

  it('takes a database over only when nobody else wrote it since it was looked at', () => {
    const storage = openStorage({ file: file() });
    writeFileSync(`${file()}-wal`, Buffer.concat([readFileSync(`${file()}-wal`), Buffer.alloc(1)]));
    assertCode(() => storage.commit(() => undefined), 'DATABASE_IN_USE');
    storage.close();
  });
});
