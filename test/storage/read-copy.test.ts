/** A database that another process has open, and writes, is read as it was after one commit. */

import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Database, readCopy } from '../../storage/index.ts';
import { assertRejects } from '../support/assertions.ts';
import { COUNTERS } from './fixtures/counters.ts';

const OWNER = fileURLToPath(new URL('fixtures/busy-owner.ts', import.meta.url));
const COPIES = 30;

describe('a copy that is read', () => {
  let folder: string;
  let file: string;
  let owner: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-copy-'));
    file = join(folder, 'database.db');
  });
  afterEach(async () => {
    if (owner !== undefined && owner.exitCode === null && owner.signalCode === null) {
      owner.kill('SIGKILL');
      await once(owner, 'close');
    }
    owner = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  const start = async () => {
    owner = spawn(process.execPath, [OWNER, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout!, 'data');
  };
  const counters = (database: Database) =>
    database.prepare<[], { value: number }>('SELECT value FROM counters ORDER BY name').all();

  it('is whole, and never older than the one before, while its owner commits as fast as it can', async function () {
    this.timeout(60_000);
    await start();
    let last = 0;
    let whole = 0;
    for (let copies = 0; copies < COPIES; copies++) {
      const rows = await readCopy(file, COUNTERS, counters).catch((error: unknown) => {
        assert.equal((error as { code?: string }).code, 'TIMEOUT');
        return undefined;
      });
      if (rows === undefined) continue;
      const [one, other] = rows;
      assert.equal(one?.value, other?.value);
      assert.ok(one!.value >= last, `${one!.value} after ${last}`);
      last = one!.value;
      whole += 1;
    }
    assert.ok(whole > COPIES / 2, `${whole} of ${COPIES}`);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('.copy-')),
      [],
    );
    assert.equal(owner!.exitCode, null, 'its owner noticed nothing');
  });

  it('has what was committed before its owner was killed', async () => {
    await start();
    owner!.kill('SIGKILL');
    await once(owner!, 'close');
    symlinkSync(file, join(folder, 'link.db'));
    const [one] = await readCopy(join(folder, 'link.db'), COUNTERS, counters);
    assert.ok(one!.value >= 1);
  });

  it('cannot be written', async () => {
    await start();
    await assert.rejects(
      readCopy(file, COUNTERS, (database) => database.commit(() => undefined)),
      /read only/,
    );
  });

  it('is refused where there is none, of another schema, and of what is no database', async () => {
    await assertRejects(readCopy(file, COUNTERS, counters), 'CONFIG_INVALID');
    await start();
    await assertRejects(readCopy(file, [], counters), 'DATABASE_NEWER');
    await assertRejects(readCopy(file, [...COUNTERS, 'SELECT 1'], counters), 'DATABASE_OLDER');
    const other = join(folder, 'other.db');
    writeFileSync(other, 'this is no database at all, but a text that is long enough to be looked at');
    await assertRejects(readCopy(other, COUNTERS, counters), 'DATABASE_DAMAGED');
  });
});
