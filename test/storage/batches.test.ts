import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredHeader } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import { openStorage, type Storage } from '../../storage/index.ts';
import { initial } from '../../storage/migrations/0001-initial.ts';
import { DUMMY_PROOF } from '../support/sequencer/harness.ts';

const header = (number: number): StoredHeader => ({
  number,
  time: 1_800_000_000,
  parentHash: '0x01',
  stateRoot: 2n ** 253n,
  chunksHash: '0x02',
  withdrawalsRoot: '0x03',
  withdrawalCount: 0,
  priorityCount: 0,
  transferToNewCount: 0,
});
const place = { transactionHash: '0x0a', blockNumber: 7, blockHash: '0x0b' };

describe('Storage: batches', () => {
  let directory: string;
  let file: string;
  let storage: Storage;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-batches-'));
    file = join(directory, 'db');
    storage = openStorage({ file });
    storage.commit(() => {
      for (const number of [1, 2, 3]) {
        storage.batches.insert({
          number,
          firstSequence: number,
          lastSequence: number,
          header: header(number),
          headerHash: `0x${number}`,
          form: 'calldata',
          blobHashes: [],
          transferCount: 1,
          priorityCount: 0,
          sealedMs: 5,
        });
      }
    });
  });
  afterEach(() => {
    storage.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const states = () => storage.batches.range(1, 3).map(({ state }) => state);
  const last = () => [storage.batches.lastPosted()?.number, storage.batches.lastFinal()?.number];

  it('count as on L1 while they are disputed, and not when they are reverted', () => {
    storage.batches.setPosted(1, place, 6);
    storage.batches.setFinal(1, 7);
    storage.batches.setPosted(2, place, 8);
    storage.batches.setDisputed(2, true);
    assert.deepEqual(states(), ['final', 'disputed', 'sealed']);
    assert.deepEqual(last(), [2, 1]);
    storage.batches.setUnposted(2, 'reverted');
    assert.deepEqual(states(), ['final', 'reverted', 'sealed']);
    assert.deepEqual(last(), [1, 1]);
    assert.equal(storage.batches.get(2)?.inclusion, undefined);
  });

  it('are posted without a dispute again when it is over, when they are posted anew, and when they are final', () => {
    storage.batches.setPosted(1, place, 6);
    storage.batches.setDisputed(1, true);
    storage.batches.setDisputed(1, false);
    assert.equal(states()[0], 'posted');
    storage.batches.setUnposted(1, 'reverted');
    storage.batches.setPosted(1, place, 8);
    assert.equal(states()[0], 'posted');
    storage.batches.setDisputed(1, true);
    storage.batches.setFinal(1, 9);
    assert.equal(states()[0], 'final');
  });

  it('are proven and posted again from reverted', () => {
    storage.batches.setPosted(1, place, 6);
    storage.batches.setUnposted(1, 'reverted');
    storage.batches.setProving(1);
    assert.equal(states()[0], 'proving');
    assert.equal(storage.batches.get(1)?.postedMs, undefined);
  });

  for (const [what, change] of [
    ['disputed before it is posted', (of: Storage) => of.batches.setDisputed(2, true)],
    ['final before it is posted', (of: Storage) => of.batches.setFinal(2, 1)],
    ['posted once it is final', (of: Storage) => of.batches.setPosted(1, place, 1)],
    ['reverted once it is final', (of: Storage) => of.batches.setUnposted(1, 'reverted')],
    ['disputed once it is final', (of: Storage) => of.batches.setDisputed(1, true)],
  ] as const) {
    it(`refuse with INVARIANT_BROKEN that one is ${what}`, () => {
      storage.batches.setPosted(1, place, 6);
      storage.batches.setFinal(1, 7);
      assert.throws(() => change(storage), { code: 'INVARIANT_BROKEN' });
    });
  }

  it('go with those that follow when they are removed, the reverted ones too, and the posted ones not', () => {
    storage.batches.setPosted(1, place, 6);
    storage.batches.setPosted(2, place, 6);
    storage.batches.setUnposted(2, 'reverted');
    storage.batches.removeFrom(1);
    assert.deepEqual(states(), ['posted']);
  });

  it('keep the form of their data, whatever becomes of them', () => {
    const blobHashes = [`0x01${'ab'.repeat(31)}`, `0x01${'cd'.repeat(31)}`];
    const batch = { ...storage.batches.get(3)!, number: 4, form: 'evaluations', blobHashes } as const;
    storage.commit(() => storage.batches.insert(batch));
    storage.batches.setPosted(4, place, 6);
    storage.batches.setUnposted(4, 'reverted');
    assert.deepEqual(
      storage.batches.range(3, 4).map(({ form }) => form),
      ['calldata', 'evaluations'],
    );
    assert.deepEqual(storage.batches.get(4)!.blobHashes, blobHashes);
  });

  it('keep the visible lists of their chunks, and where their moves go', () => {
    const outcome = { places: [], firstTransfer: undefined, firstPriority: undefined };
    const chunk = { batch: 1, index: 0, oldRoot: 1n, newRoot: 2n, commitment: 3n, feeTokens: 4n, ...outcome };
    const visible = new Uint8Array(112).fill(7);
    const withdrawals = [
      { ownerAndToken: 5n, amount: 6n },
      { ownerAndToken: 5n, amount: 6n, move: { destination: 0, keyY: 2n ** 253n } },
    ];
    storage.commit(() => {
      storage.chunks.insert({ ...chunk, data: new Uint8Array(31), visible });
      storage.outcomes.insertWithdrawals(1, withdrawals);
    });
    assert.deepEqual(storage.chunks.ofBatch(1)[0]!.visible, visible);
    assert.deepEqual(storage.outcomes.withdrawalsOf(1), withdrawals);
  });

  it('are kept when a database of the first schema is opened', () => {
    storage.close();
    rmSync(file);
    rmSync(`${file}.head`);
    const old = new Sqlite(file);
    old.exec(initial);
    old.pragma('user_version = 1');
    old.exec(
      `INSERT INTO batches (number, first_sequence, last_sequence, state, time, header, header_hash, transfer_count,
       priority_count, sealed_ms) VALUES (1, 1, 1, 'proving', 1, '${JSON.stringify({ ...header(1), stateRoot: '5' })}', '0x1', 0, 0, 5)`,
    );
    old.exec(
      `INSERT INTO chunks (batch, position, data, old_root, new_root, commitment, fee_tokens, challenge, proof, prove_ms)
       VALUES (1, 0, x'00', x'04', unhex('${'5'.padStart(64, '0')}'), x'06', '7', x'08', '[1,2,3,4,5,6,7,8]', 9)`,
    );
    old.close();
    storage = openStorage({ file });
    assert.deepEqual(states(), ['proving']);
    const { form, blobHashes } = storage.batches.get(1)!;
    assert.deepEqual([form, blobHashes], ['calldata', []]);
    assert.equal(storage.chunks.ofBatch(1)[0]!.visible.length, 0);
    storage.batches.setPosted(1, place, 6);
    storage.batches.setDisputed(1, true);
    assert.deepEqual(states(), ['disputed']);
    assert.deepEqual(storage.proofs.get(1, 0), {
      batch: 1,
      chunk: 0,
      challenge: 8n,
      proof: DUMMY_PROOF,
      proveMs: 9,
    });
  });
});
