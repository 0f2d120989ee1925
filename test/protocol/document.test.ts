import assert from 'node:assert/strict';
import {
  AUTHORIZATION_BYTES,
  BALANCE_BITS,
  BLOB_ELEMENT_BYTES,
  BLOCKS_PER_GROUP,
  CHALLENGE_TAG_TEXT,
  CHUNK_OVERHEAD_CONSTRAINTS,
  type ChunkPublicInputs,
  chunkOverheadOf,
  decodeBlob,
  ELEMENTS_PER_RECORD,
  encodeEntry,
  encodeEvaluationBlobs,
  encodeRecord,
  FOLD_CONSTRAINTS,
  formOf,
  headerHash,
  isSignedKind,
  isVisibleKind,
  MAX_BLOBS,
  MAX_SLOT_CONSTRAINTS,
  NONCE_BITS,
  OWNER_BITS,
  PROFILES,
  publicInputsOf,
  RECORD_BYTES,
  RECORD_ERROR_CODES,
  RECORDS_PER_BLOB,
  RECORDS_PER_BLOCK,
  RecordKind,
  type StoredHeader,
  shapeViolation,
  TOKEN_ID_BITS,
  TREE_DEPTH,
  VISIBLE_ENTRY_BYTES,
  wordCountOf,
} from '@quittance/protocol';
import { AbiCoder, keccak256 } from 'ethers';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

const DOCUMENT = readDocument('docs/protocol.md');
const PROFILES_BY_SLOTS = new Map(Object.values(PROFILES).map((profile) => [profile.slotsPerChunk, profile.maxChunks]));
const tableOf = (heading: string, position = 0) => {
  const table = tablesOf(sectionOf(DOCUMENT, heading))[position];
  assert.ok(table !== undefined && table.length > 0, `no table ${position} under "${heading}"`);
  return table;
};

describe('docs/protocol.md', () => {
  it('states the widths of a leaf’s fields', () => {
    const widths = Object.fromEntries(tableOf('State').map(([field, width]) => [field, width]));
    assert.deepEqual(widths, {
      keyY: '< r',
      owner: String(OWNER_BITS),
      tokenId: String(TOKEN_ID_BITS),
      nonce: String(NONCE_BITS),
      balance: String(BALANCE_BITS),
    });
  });

  it('states the position and width of each field of a record', () => {
    const rows = tableOf('Records');
    assert.equal(rows.length, 5);
    let next = 124;
    for (const [label, bits, lowest] of rows) {
      const name = label!.split(' ')[0]!;
      const key = name === 'amount' || name === 'fee' ? `${name}Float` : name;
      const all = 2n ** BigInt(bits!) - 1n;
      const zero = { kind: 0, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };
      const fields = { ...zero, [key]: key === 'amountFloat' ? all : Number(all) };
      assert.equal(encodeRecord(fields), all << BigInt(lowest!), name);
      next -= Number(bits);
      assert.equal(Number(lowest), next, `${name} does not join the field before it`);
    }
    assert.equal(next, 0);
  });

  it('lists the kinds with their numbers, names and words', () => {
    const rows = tableOf('Records', 1);
    const kinds = rows.slice(0, -1).map(([number, name]) => [name, Number(number)]);
    assert.deepEqual(Object.fromEntries(kinds), RecordKind);
    for (const [number, , , , words] of rows.slice(0, -1)) {
      assert.equal(words === 'none' ? 0 : words!.split(';').length, wordCountOf(Number(number)), `kind ${number}`);
    }
    assert.match(rows.at(-1)![0]!, /^8–15$/);
  });

  it('shows as – exactly the fields that must be 0', () => {
    for (const [number, , from, to] of tableOf('Records', 1).slice(0, -1)) {
      const kind = Number(number);
      for (const [field, cell] of [
        ['from', from],
        ['to', to],
      ] as const) {
        const fields = { kind, from: 0, to: 0, amountFloat: 0n, feeFloat: 0, [field]: 1 };
        const words = Array<bigint>(wordCountOf(kind)).fill(0n);
        const expected = cell === '–' ? 'NONZERO_FIELD' : undefined;
        assert.equal(shapeViolation(fields, words)?.code, expected, `${field} of kind ${kind}`);
      }
    }
  });

  it('says for which kinds amount and fee are 0', () => {
    const [, list] = /`amount` and `fee` are 0 for kinds ([\d, and]+)\./.exec(sectionOf(DOCUMENT, 'Records'))!;
    const listed = list!.match(/\d/g)!.map(Number);
    const violated = [0, 1, 2, 3, 4, 5, 6, 7].filter((kind) =>
      [{ amountFloat: 1n }, { feeFloat: 1 }].every((field) => {
        const fields = { kind, from: 0, to: 0, amountFloat: 0n, feeFloat: 0, ...field };
        return shapeViolation(fields, Array<bigint>(wordCountOf(kind)).fill(0n))?.code === 'NONZERO_FIELD';
      }),
    );
    assert.deepEqual(violated, listed);
  });

  it('lists the rule codes in the order of the code', () => {
    assert.deepEqual(
      tableOf('Rules').map(([code]) => code),
      [...RECORD_ERROR_CODES],
    );
  });

  it('states which kinds are visible, and which are signed', () => {
    const rows = tableOf('Records', 1).slice(0, -1);
    const [, from, to, alone] = /Kinds (\d) to (\d) and (\d) have three words/.exec(sectionOf(DOCUMENT, 'Records'))!;
    const visible = ({ kind }: { kind: number }) =>
      (kind >= Number(from) && kind <= Number(to)) || kind === Number(alone);
    for (const [number, , , , , signed] of rows) {
      const kind = Number(number);
      assert.equal(isVisibleKind(kind), visible({ kind }), `kind ${kind}`);
      assert.equal(isSignedKind(kind), signed === 'EdDSA of from', `kind ${kind}`);
    }
  });

  it('states the bytes of a visible entry', () => {
    const widths = tableOf('Chunk', 1).map(([bytes]) => Number(bytes));
    const record = { fields: { kind: 7, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 }, words: [5n, 6n, 7n] };
    const values = [encodeRecord(record.fields), ...record.words];
    const entry = values.map((value, index) => value.toString(16).padStart(2 * widths[index]!, '0')).join('');
    assert.equal(Buffer.from(encodeEntry(record)).toString('hex'), entry);
    assert.ok(sectionOf(DOCUMENT, 'Chunk').includes(`**Visible entry**: ${VISIBLE_ENTRY_BYTES} bytes.`));
  });

  it('lists the forms of data with their numbers', () => {
    const rows = tableOf('Data').map(([number, name]) => [Number(number), name]);
    assert.deepEqual(
      rows.map(([number]) => [number, formOf(number as number)]),
      rows,
    );
    assert.equal(rows.length, 3);
    assert.ok(sectionOf(DOCUMENT, 'Data').includes(`⌈K·M/${RECORDS_PER_BLOB}⌉ blobs, ${MAX_BLOBS} at most`));
  });

  it('states the bytes of a record in an evaluation blob', () => {
    const widths = tableOf('Data', 1).map(([bytes]) => Number(bytes));
    assert.deepEqual(widths, [RECORD_BYTES, AUTHORIZATION_BYTES, 8]);
    const total = widths.reduce((sum, width) => sum + width, 0);
    assert.equal(total, ELEMENTS_PER_RECORD * BLOB_ELEMENT_BYTES);
    const fields = { kind: 1, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 };
    const authorization = Uint8Array.from({ length: AUTHORIZATION_BYTES }, (_, position) => position);
    const elements = decodeBlob(encodeEvaluationBlobs([{ fields, authorization }])[0]!).slice(0, ELEMENTS_PER_RECORD);
    const bytes = elements.map((element) => element.toString(16).padStart(2 * BLOB_ELEMENT_BYTES, '0')).join('');
    const parts = [encodeRecord(fields).toString(16), Buffer.from(authorization).toString('hex'), ''];
    const padded = (part: string, index: number) => part.padStart(2 * widths[index]!, '0');
    assert.equal(bytes, parts.map(padded).join(''));
  });

  it('states the bytes of an authorization', () => {
    const widths = tableOf('Step').map(([bytes]) => Number(bytes));
    assert.equal(
      widths.reduce((sum, width) => sum + width, 0),
      AUTHORIZATION_BYTES,
    );
    assert.ok(sectionOf(DOCUMENT, 'Step').includes(`An **authorization** is ${AUTHORIZATION_BYTES} bytes`));
  });

  it('lists the public inputs in the order that the verifier takes', () => {
    const names = tableOf('Chunk').map(([, name]) => name!);
    assert.deepEqual(
      tableOf('Chunk').map(([position]) => Number(position)),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    const inputs = Object.fromEntries(names.map((name, index) => [name, BigInt(index)]));
    assert.deepEqual(
      publicInputsOf(inputs as unknown as ChunkPublicInputs),
      names.map((_, index) => BigInt(index)),
    );
  });

  it('lists the fields of StoredHeader with the types and the order that are hashed', () => {
    const rows = tableOf('Batch and header');
    const values = rows.map(([, type], index) => (type === 'bytes32' ? keccak256(`0x0${index}`) : index));
    const header = Object.fromEntries(rows.map(([name], index) => [name, values[index]]));
    const encoded = AbiCoder.defaultAbiCoder().encode(
      rows.map(([, type]) => type!),
      values,
    );
    assert.equal(headerHash(header as unknown as StoredHeader), keccak256(encoded));
  });

  it('states the numbers that the code has', () => {
    assert.ok(DOCUMENT.includes(`\`TREE_DEPTH\` = ${TREE_DEPTH} levels`));
    assert.ok(DOCUMENT.includes(`keccak("${CHALLENGE_TAG_TEXT}")`));
  });

  it('lists the profiles with their sizes', () => {
    const rows = tableOf('Sizes').map(([name, slots, chunks]) => [name, Number(slots), Number(chunks)]);
    const expected = Object.values(PROFILES).map((profile) => [profile.name, profile.slotsPerChunk, profile.maxChunks]);
    assert.deepEqual(rows, expected);
    for (const [, slots, , total, log2] of tableOf('Sizes')) {
      const constraints = Number(slots) * MAX_SLOT_CONSTRAINTS + chunkOverheadOf(Number(slots));
      assert.equal(`2^${Math.ceil(Math.log2(constraints + 10))}`, log2);
      assert.equal(Number(slots) * PROFILES_BY_SLOTS.get(Number(slots))!, Number(total!.replaceAll(',', '')));
    }
    assert.ok(DOCUMENT.includes(`at most ${MAX_SLOT_CONSTRAINTS.toLocaleString('en')} constraints`));
    assert.ok(DOCUMENT.includes(`${CHUNK_OVERHEAD_CONSTRAINTS.toLocaleString('en')} constraints beside its slots`));
    assert.ok(DOCUMENT.includes(`${FOLD_CONSTRAINTS.toLocaleString('en')} more for each group`));
    const slotsPerGroup = BLOCKS_PER_GROUP * RECORDS_PER_BLOCK;
    assert.ok(DOCUMENT.includes(`a fold tile for each group of ${slotsPerGroup} slots`));
  });
});
