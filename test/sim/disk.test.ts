import { strict as assert } from 'node:assert';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Storage } from '../../storage/index.ts';
import { createRandom } from '../support/property/random.ts';
import { type Death, makeFolder, ProcessDied, SimDisk } from '../support/sim/disk.ts';

describe('Simulator: disks', () => {
  let folder: string;
  let disk: SimDisk;
  beforeEach(() => {
    folder = makeFolder();
    mkdirSync(folder, { recursive: true });
    disk = new SimDisk(join(folder), createRandom('disk'));
  });
  afterEach(() => {
    disk.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (storage: Storage, value: number): void =>
    storage.commit(() => storage.meta.set('value', `${value} ${'x'.repeat(20_000)}`));
  const read = ({ meta }: Storage): number => Number(meta.get('value')?.split(' ')[0] ?? 0);
  /** Commits numbers from `first` on until the disk dies at the last of them, and what is there then. */
  const dieAfter = (storage: Storage, first: number, commits: number, how: Death) => {
    disk.doom(commits, how);
    const last = first + commits;
    for (let value = first; value < last; value++) write(storage, value);
    assert.throws(() => write(storage, last), ProcessDied);
    const next = disk.open();
    return { storage: next, last, found: read(next) };
  };

  for (const [how, isThere] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    it(`have ${isThere ? 'all' : 'nothing'} of a commit that a process dies ${how}`, () => {
      const { last, found } = dieAfter(disk.open(), 1, 20, how);
      assert.equal(found, last - 1 + isThere);
    });
  }

  it('have all of a torn commit or nothing, and all that was before, whatever was checkpointed', () => {
    let storage = disk.open();
    const lost = new Set<boolean>();
    for (let first = 1, death = 0; death < 24; death++) {
      const { storage: next, last, found } = dieAfter(storage, first, 17 * death, 'torn');
      assert.ok(found === last || found === last - 1, `${found} after ${last}`);
      lost.add(found < last);
      [storage, first] = [next, found + 1];
    }
    assert.deepEqual([...lost].sort(), [false, true]);
  });

  it('have nothing of a commit for which there was no space, and go on', () => {
    const storage = disk.open();
    write(storage, 1);
    disk.doom(0, 'full');
    assert.throws(() => write(storage, 2), { code: 'DISK_FULL' });
    assert.equal(read(storage), 1);
    write(storage, 3);
    disk.die();
    assert.equal(read(disk.open()), 3);
  });

  it('have all of the commit at which they broke or nothing, and none behind it', () => {
    const found = new Set<number>();
    for (let life = 0; life < 16; life++) {
      const storage = disk.open();
      write(storage, 1);
      disk.doom(0, 'broken');
      for (const value of [2, 3]) assert.throws(() => write(storage, value), { code: 'DATABASE_DAMAGED' });
      disk.die();
      const next = disk.open();
      found.add(read(next));
      next.close();
    }
    assert.deepEqual([...found].sort(), [1, 2]);
  });

  it('have what was staged, or the first part of it, and what was committed before', () => {
    const storage = disk.open();
    write(storage, 1);
    for (let value = 2; value < 6; value++) storage.stage(() => storage.meta.set('value', String(value)));
    disk.die();
    const found = read(disk.open());
    assert.ok(found >= 1 && found <= 5, String(found));
  });
});
