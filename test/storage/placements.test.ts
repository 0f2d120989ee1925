import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { rowChecksum } from '../../storage/checksum.ts';
import type { Database } from '../../storage/database.ts';
import { openStorage } from '../../storage/index.ts';
import { createPlacementRepository } from '../../storage/placements.ts';

const SLOTS = 50;

/** A chunk of transfers with these sequences in a row, and a request from L1 in its last slot. */
const chunkOf = (batch: number, index: number, firstTransfer: number, firstPriority: number) => {
  const transfers = Array.from({ length: SLOTS }, (_, slot) => ({
    ...{ sequence: firstTransfer + slot, withdrawal: slot === 7 ? index : undefined },
  }));
  return {
    ...{ batch, index, firstTransfer, firstPriority, oldRoot: 1n, newRoot: 2n, commitment: 3n, feeTokens: 4n },
    ...{ data: new Uint8Array(2_000), visible: new Uint8Array(0) },
    places: [...transfers, undefined, { sequence: firstPriority, withdrawal: undefined }],
  };
};

describe('Storage: placements', () => {
  let directory: string;
  let file: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-placements-'));
    file = join(directory, 'db');
    const storage = openStorage({ file });
    storage.commit(() => {
      for (const number of [1, 2]) {
        storage.batches.insert({
          ...{ number, firstSequence: number, lastSequence: number, headerHash: `0x${number}`, blobHashes: [] },
          ...{ form: 'calldata', transferCount: 1, priorityCount: 0, sealedMs: 5 },
          header: {
            ...{ number, time: 1, parentHash: '0x01', stateRoot: 2n, chunksHash: '0x02', withdrawalsRoot: '0x03' },
            ...{ withdrawalCount: 0, priorityCount: 0, transferToNewCount: 0 },
          },
        });
      }
      storage.chunks.insert(chunkOf(1, 0, 1, 301));
      storage.chunks.insert(chunkOf(1, 1, 101, 302));
      storage.chunks.insert(chunkOf(2, 0, 201, 303));
    });
    storage.close();
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  /** The placements in the file, and how many whole chunks were read. */
  const open = () => {
    const sqlite = new Sqlite(file, { readonly: true });
    let chunksRead = 0;
    const prepare = (sql: string) => {
      const statement = sqlite.prepare(sql);
      const get = (...values: unknown[]) => {
        const row = statement.get(...values);
        if (sql.startsWith('SELECT *') && row !== undefined) chunksRead += 1;
        return row;
      };
      return { get, all: (...values: unknown[]) => statement.all(...values) };
    };
    const placements = createPlacementRepository({ file, prepare } as unknown as Database);
    return { placements, chunksRead: () => chunksRead, close: () => sqlite.close() };
  };

  it('read each chunk once for many operations, of either kind', () => {
    const { placements, chunksRead, close } = open();
    const find = placements.createFinder();
    for (let slot = 0; slot < SLOTS; slot++) {
      assert.deepEqual(find(101 + slot), {
        ...{ sequence: 101 + slot, batch: 1, chunk: 1, slot, withdrawal: slot === 7 ? 1 : undefined },
      });
    }
    assert.equal(chunksRead(), 1);
    assert.deepEqual(find(302), { sequence: 302, batch: 1, chunk: 1, slot: SLOTS + 1, withdrawal: undefined });
    // Behind all transfers, and before the first of them: the last chunk, and none.
    assert.deepEqual([chunksRead(), find(0), find(299), chunksRead()], [2, undefined, undefined, 2]);
    close();
  });

  it('are the same one by one and by batch', () => {
    const { placements, close } = open();
    const all = [1, 2].flatMap((batch) => placements.placementsOf(batch));
    assert.equal(all.length, 3 * (SLOTS + 1));
    for (const placement of all) assert.deepEqual(placements.placementOf(placement.sequence), placement);
    close();
  });
});

describe('Storage: checksums', () => {
  it('are those of the JSON of a row, hexadecimal for bytes', () => {
    const values = ['"\\ü\u2028', 7, null, Buffer.from([0, 255]), 1.5, Buffer.alloc(0)];
    const json = JSON.stringify(['ta"ble', '"\\ü\u2028', 7, null, ['00ff'], 1.5, ['']]);
    assert.equal(rowChecksum('ta"ble', values), crc32(json));
  });
});
