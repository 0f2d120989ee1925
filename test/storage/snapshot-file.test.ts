import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSnapshotFile, readSnapshotIfThere, writeSnapshotFile } from '../../storage/index.ts';
import { MAX_SNAPSHOT_BYTES } from '../../storage/snapshot-file.ts';

describe('a file with a snapshot', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-snapshot-file-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const bytes = Uint8Array.from([1, 2, 3]);

  it('is read as it was written, in a folder that is made', async () => {
    const file = join(folder, 'some', 'state');
    await writeSnapshotFile(file, bytes);
    assert.deepEqual(await readSnapshotFile(file), bytes);
    await writeSnapshotFile(file, bytes.slice(1));
    assert.deepEqual(await readSnapshotIfThere(file), bytes.slice(1));
    assert.deepEqual(readdirSync(join(folder, 'some')), ['state'], 'nothing unfinished is left');
  });

  it('is damaged or not there when there is none, as is asked for', async () => {
    const file = join(folder, 'none');
    assert.equal(await readSnapshotIfThere(file), undefined);
    await assert.rejects(readSnapshotFile(file), { code: 'SNAPSHOT_DAMAGED', message: /there is no such file/ });
  });

  it('is damaged when it cannot be read or is too long', async () => {
    await assert.rejects(readSnapshotIfThere(folder), { code: 'SNAPSHOT_DAMAGED' });
    const file = join(folder, 'long');
    writeFileSync(file, '');
    truncateSync(file, MAX_SNAPSHOT_BYTES + 1);
    await assert.rejects(readSnapshotIfThere(file), { code: 'SNAPSHOT_DAMAGED', message: /longer than any snapshot/ });
  });

  it('stays as it was when it cannot be written', async () => {
    const file = join(folder, 'file');
    await writeSnapshotFile(file, bytes);
    await assert.rejects(writeSnapshotFile(join(file, 'below'), bytes), { code: 'CONFIG_INVALID' });
    assert.deepEqual(readFileSync(file), Buffer.from(bytes));
  });
});
