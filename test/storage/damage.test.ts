import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRollupError, type RollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { translateSqliteError } from '../../storage/damage.ts';

describe('Storage: errors of SQLite', () => {
  const FILE = 'some.db';
  const codeOf = (error: unknown, isLooking = false) =>
    (translateSqliteError(FILE, error, isLooking) as RollupError).code;

  it('says DISK_FULL when a database cannot grow', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-full-'));
    const database = new Sqlite(join(folder, 'db'));
    database.exec('CREATE TABLE t (content BLOB)');
    database.pragma('max_page_count = 3');
    assert.throws(
      () => database.exec('INSERT INTO t VALUES (zeroblob(100000))'),
      (error) => codeOf(error) === 'DISK_FULL',
    );
    database.close();
    rmSync(folder, { recursive: true });
    assert.equal(codeOf(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })), 'DISK_FULL');
  });

  it('says DATABASE_DAMAGED for each sign of damage, with the file and what to do', () => {
    for (const code of ['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB', 'SQLITE_IOERR_READ']) {
      const error = translateSqliteError(FILE, new Sqlite.SqliteError('no good', code));
      assert.ok(isRollupError(error, 'DATABASE_DAMAGED'), code);
      assert.match(error.message, /some\.db.*backup.*quittance sequencer salvage/);
    }
  });

  it('takes a plain error of SQLite for damage only while it looks at a database', () => {
    const error = new Sqlite.SqliteError('unsupported file format', 'SQLITE_ERROR');
    assert.equal(codeOf(error, true), 'DATABASE_DAMAGED');
    assert.equal(translateSqliteError(FILE, error), error);
  });

  it('leaves every other error as it is', () => {
    const error = new Error('anything');
    assert.equal(translateSqliteError(FILE, error), error);
    assert.equal(translateSqliteError(FILE, undefined), undefined);
  });
});
