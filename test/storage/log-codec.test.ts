import { strict as assert } from 'node:assert';
import { encodeRecord, type RollupError } from '@quittance/protocol';
import { decodeEntry, EMPTY_CHAIN, encodeEntry, nextChain } from '../../storage/log-codec.ts';
import { priorityEntry, transferEntry } from '../support/storage/log-entries.ts';

const FILE = 'some.db';

describe('Storage: log entries', () => {
  const rows = {
    transfer: { sequence: 7, ...encodeEntry(transferEntry(5n)) },
    priority: { sequence: 8, ...encodeEntry(priorityEntry(3)) },
    grouped: { sequence: 11, ...encodeEntry({ ...priorityEntry(3), groupEnd: 5 }) },
    seal: { sequence: 9, ...encodeEntry({ type: 'seal', batch: 1, lastSequence: 8, headerHash: '0xab' }) },
    unseal: { sequence: 10, ...encodeEntry({ type: 'unseal', batch: 1, lastSequence: 8 }) },
  };

  it('decodes what was encoded', () => {
    assert.deepEqual(decodeEntry(rows.transfer, FILE), transferEntry(5n));
    assert.deepEqual(decodeEntry(rows.priority, FILE), priorityEntry(3));
    assert.deepEqual(decodeEntry(rows.grouped, FILE), { ...priorityEntry(3), groupEnd: 5 });
    assert.deepEqual(decodeEntry(rows.unseal, FILE), { type: 'unseal', batch: 1, lastSequence: 8 });
  });

  it('writes a payment reference behind the signature: its length, its bytes and its own signature', () => {
    const reference = { bytes: Uint8Array.of(1, 2, 3), r8: { x: 4n, y: 5n }, s: 6n };
    const entry = { ...transferEntry(5n), reference };
    const row = { sequence: 7, ...encodeEntry(entry) };
    assert.deepEqual(decodeEntry(row, FILE), entry);
    const big = (value: bigint) => value.toString(16).padStart(64, '0');
    const behind = `03010203${[4n, 5n, 6n].map(big).join('')}`;
    assert.equal(row.payload.toString('hex'), rows.transfer.payload.toString('hex') + behind);
    const [plain, referred] = [rows.transfer, row].map((one) => nextChain(EMPTY_CHAIN, { ...one, received_ms: 1 }));
    assert.ok(!plain!.equals(referred!), 'the chain covers it');
  });

  it('writes a transfer as nonce, words, record, expiry and signature, big-endian', () => {
    const big = (value: bigint, byteCount: number) => value.toString(16).padStart(2 * byteCount, '0');
    const record = encodeRecord(transferEntry(5n).operation.fields);
    const words = [5n, 6n, 0n].map((word) => big(word, 32));
    const signature = [8n, 9n, 10n, 11n].map((value) => big(value, 32));
    const payload = [big(7n, 4), big(3n, 1), big(record, 16), ...words, big(2n ** 40n - 1n, 5), ...signature];
    assert.equal(rows.transfer.payload.toString('hex'), payload.join(''));
    assert.equal(rows.transfer.id?.toString('hex'), big(5n, 32));
  });

  for (const [what, row, part] of [
    ['has an unknown type', { ...rows.transfer, type: 9 }, /type is 9/],
    ['is a transfer without an id', { ...rows.transfer, id: null }, /no id/],
    ['is empty', { ...rows.transfer, payload: Buffer.alloc(0) }, /too short/],
    ['ends early', { ...rows.priority, payload: rows.priority.payload.subarray(0, 40) }, /too short/],
    [
      'goes on too long',
      { ...rows.transfer, payload: Buffer.concat([rows.transfer.payload, Buffer.alloc(1)]) },
      /long/,
    ],
    [
      'has a reference of more than 140 bytes',
      { ...rows.transfer, payload: Buffer.concat([rows.transfer.payload, Buffer.of(141), Buffer.alloc(141 + 96)]) },
      /reference of 141 bytes/,
    ],
    [
      'ends within the signature of its reference',
      { ...rows.transfer, payload: Buffer.concat([rows.transfer.payload, Buffer.of(1), Buffer.alloc(1 + 95)]) },
      /too short/,
    ],
    [
      'goes on behind its reference',
      { ...rows.transfer, payload: Buffer.concat([rows.transfer.payload, Buffer.of(1), Buffer.alloc(1 + 97)]) },
      /too long/,
    ],
    [
      'ends in the middle of its group',
      { ...rows.grouped, payload: rows.grouped.payload.subarray(0, -1) },
      /too short/,
    ],
    [
      'goes on behind its group',
      { ...rows.grouped, payload: Buffer.concat([rows.grouped.payload, Buffer.alloc(1)]) },
      /too long/,
    ],
    ['is a seal of broken text', { ...rows.seal, payload: rows.seal.payload.subarray(1) }, /JSON/],
    ['is an unseal of broken text', { ...rows.unseal, payload: Buffer.from('{') }, /JSON/],
  ] as const) {
    it(`refuses one that ${what}, naming the file and the entry`, () => {
      assert.throws(
        () => decodeEntry(row, FILE),
        (error: RollupError) => {
          assert.equal(error.code, 'DATABASE_DAMAGED', error.message);
          assert.match(error.message, part);
          assert.match(error.message, new RegExp(`${FILE}.*entry ${row.sequence} `));
          return true;
        },
      );
    });
  }
});
