import { strict as assert } from 'node:assert';
import { encodeRecord, type RollupError } from '@quittance/protocol';
import { decodeEntry, EMPTY_CHAIN, encodeEntry, nextChain, type SealEntry } from '../../storage/log-codec.ts';
import { priorityEntry, transferEntry } from '../support/storage/log-entries.ts';

const FILE = 'some.db';

const PLACE = {
  blockNumber: 2 ** 32,
  blockHash: `0x${'0a'.repeat(32)}`,
  transactionHash: `0x00${'0b'.repeat(31)}`,
  deadline: 1_800_000_000,
};

const PLANNED = {
  type: 'seal',
  batch: 2,
  lastSequence: 12,
  headerHash: '0xab',
  plan: {
    time: 1_800_000_000,
    feeTokens: [0n, 7n, 2n ** 32n, 2n ** 32n],
    form: 'evaluations',
    chunks: [
      {
        runs: [
          [8, 3],
          [1, 1],
        ],
        collects: [4, 2],
      },
      { runs: [], collects: [] },
    ],
  },
  drops: [
    { sequence: 11, code: 'EXPIRED', message: 'too late', expected: '1', actual: '2' },
    { sequence: 12, code: 'NONCE_USED', message: 'used' },
  ],
} as const satisfies SealEntry;

const ADOPTED = { type: 'seal', batch: 2, lastSequence: 13, headerHash: '0xcd' } as const;

describe('Storage: log entries', () => {
  const rows = {
    transfer: { sequence: 7, ...encodeEntry(transferEntry(5n)) },
    priority: { sequence: 8, ...encodeEntry(priorityEntry(3)) },
    grouped: { sequence: 11, ...encodeEntry({ ...priorityEntry(3), groupEnd: 5 }) },
    seal: { sequence: 9, ...encodeEntry({ type: 'seal', batch: 1, lastSequence: 8, headerHash: '0xab' }) },
    unseal: { sequence: 10, ...encodeEntry({ type: 'unseal', batch: 1, lastSequence: 8 }) },
    takesBack: { sequence: 15, ...encodeEntry({ type: 'unseal', batch: 1, lastSequence: 8, takenBackFrom: 0 }) },
    placed: { sequence: 12, ...encodeEntry({ ...priorityEntry(3), place: PLACE }) },
    planned: { sequence: 13, ...encodeEntry(PLANNED) },
    shadowed: { sequence: 16, ...encodeEntry({ ...PLANNED, shadowed: true }) },
    adopted: { sequence: 14, ...encodeEntry({ ...ADOPTED, fromL1: { unlisted: 3 } }) },
  };
  const planned = JSON.parse(rows.planned.payload.toString()) as { plan: object; drops: object[] };
  /** The seal with a part of its plan or its drop replaced. */
  const withPlan = (part: object) => ({
    ...rows.planned,
    payload: Buffer.from(JSON.stringify({ ...planned, plan: { ...planned.plan, ...part } })),
  });
  const withDrop = (part: object) => ({
    ...rows.planned,
    payload: Buffer.from(JSON.stringify({ ...planned, drops: [{ ...planned.drops[0], ...part }] })),
  });

  it('decodes what was encoded', () => {
    assert.deepEqual(decodeEntry(rows.transfer, FILE), transferEntry(5n));
    assert.deepEqual(decodeEntry(rows.priority, FILE), priorityEntry(3));
    assert.deepEqual(decodeEntry(rows.grouped, FILE), { ...priorityEntry(3), groupEnd: 5 });
    assert.deepEqual(decodeEntry(rows.unseal, FILE), { type: 'unseal', batch: 1, lastSequence: 8 });
    assert.deepEqual(decodeEntry(rows.takesBack, FILE), {
      ...{ type: 'unseal', batch: 1, lastSequence: 8, takenBackFrom: 0 },
    });
    assert.deepEqual(decodeEntry(rows.placed, FILE), { ...priorityEntry(3), place: PLACE });
    assert.deepEqual(decodeEntry(rows.planned, FILE), PLANNED);
    assert.deepEqual(decodeEntry(rows.shadowed, FILE), { ...PLANNED, shadowed: true });
    const wrong = JSON.stringify({ ...planned, shadowed: false });
    assert.throws(() => decodeEntry({ ...rows.shadowed, payload: Buffer.from(wrong) }, FILE), /its shadow is false/);
    assert.deepEqual(decodeEntry(rows.adopted, FILE), { ...ADOPTED, fromL1: { unlisted: 3 } });
    const grouped = { ...priorityEntry(3), groupEnd: 5, place: PLACE };
    assert.deepEqual(decodeEntry({ sequence: 1, ...encodeEntry(grouped) }, FILE), grouped);
  });

  it('reads entries of before seals had plans and priority operations their place, and writes the same bytes of them', () => {
    const seal = '{"batch":1,"lastSequence":8,"headerHash":"0xab"}';
    assert.equal(rows.seal.payload.toString(), seal);
    assert.deepEqual(decodeEntry({ ...rows.seal, payload: Buffer.from(seal) }, FILE), {
      type: 'seal',
      batch: 1,
      lastSequence: 8,
      headerHash: '0xab',
    });
    assert.equal(rows.unseal.payload.toString(), '{"batch":1,"lastSequence":8}');
    const word = (value: number) => value.toString(16).padStart(64, '0');
    const record = encodeRecord(priorityEntry(3).operation.fields).toString(16).padStart(32, '0');
    const priority = `0000000303${record}${[1, 2, 3].map(word).join('')}`;
    assert.equal(rows.priority.payload.toString('hex'), priority);
    assert.equal(rows.grouped.payload.toString('hex'), `${priority}00000005`);
    const place = `00010000000000006b49d200${PLACE.blockHash.slice(2)}${PLACE.transactionHash.slice(2)}`;
    assert.equal(rows.placed.payload.toString('hex'), `${priority}00000003${place}`);
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
    [
      'takes operations back from no queue index on',
      { ...rows.takesBack, payload: Buffer.from('{"batch":1,"lastSequence":8,"takenBackFrom":-1}') },
      /queue index is -1/,
    ],
    [
      'was made from L1 without a number of transfers',
      { ...rows.adopted, payload: Buffer.from(JSON.stringify({ ...ADOPTED, fromL1: { unlisted: -1 } })) },
      /transfers without an entry is -1/,
    ],
    [
      'was made from L1, and does not say how',
      { ...rows.adopted, payload: Buffer.from(JSON.stringify({ ...ADOPTED, fromL1: 3 })) },
      /origin is 3/,
    ],
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
      /too short/,
    ],
    ['ends within its place', { ...rows.placed, payload: rows.placed.payload.subarray(0, -1) }, /too short/],
    [
      'goes on behind its place',
      { ...rows.placed, payload: Buffer.concat([rows.placed.payload, Buffer.alloc(1)]) },
      /too long/,
    ],
    ['has a plan that is none', withPlan({ chunks: 1 }), /chunks is 1/],
    ['has a plan without a time', withPlan({ time: undefined }), /time is undefined/],
    ['has a plan of a time before 1970', withPlan({ time: -1 }), /time is -1/],
    ['has a plan of another form', withPlan({ form: 'post' }), /form is "post"/],
    ['has a plan of a fee token beyond the filler', withPlan({ feeTokens: [2 ** 32 + 1] }), /fee token is 4294967297/],
    ['has a run of no entries', withPlan({ chunks: [{ runs: [[1, 0]], collects: [] }] }), /run is \[1,0\]/],
    ['has a run of three numbers', withPlan({ chunks: [{ runs: [[1, 1, 1]], collects: [] }] }), /run is/],
    ['has a run that begins before the log', withPlan({ chunks: [{ runs: [[0, 1]], collects: [] }] }), /run is/],
    ['has a run beyond all numbers', withPlan({ chunks: [{ runs: [[1, 2 ** 53 - 1]], collects: [] }] }), /run is/],
    ['collects into half a leaf', withPlan({ chunks: [{ runs: [], collects: [0.5] }] }), /collection is 0.5/],
    ['has a drop without a reason', withDrop({ code: 1 }), /drop is 1/],
    ['has a drop of no entry', withDrop({ sequence: '1' }), /drop is "1"/],
    ['has a seal of no batch', { ...rows.seal, payload: Buffer.from('{"batch":-1}') }, /batch is -1/],
    ['is a seal of a list', { ...rows.seal, payload: Buffer.from('[]') }, /content is \[\]/],
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
