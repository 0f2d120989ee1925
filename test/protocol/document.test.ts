import assert from 'node:assert/strict';
import {
  BALANCE_BITS,
  CHALLENGE_TAG_TEXT,
  CHUNK_OVERHEAD_CONSTRAINTS,
  type ChunkPublicInputs,
  encodeRecord,
  headerHash,
  MAX_SLOT_CONSTRAINTS,
  NONCE_BITS,
  OWNER_BITS,
  PROFILES,
  publicInputsOf,
  RECORD_ERROR_CODES,
  RecordKind,
  type StoredHeader,
  shapeViolation,
  TOKEN_ID_BITS,
  TREE_DEPTH,
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
    assert.match(rows.at(-1)![0]!, /^7–15$/);
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
    const violated = [0, 1, 2, 3, 4, 5, 6].filter((kind) =>
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

  it('lists the public inputs in the order that the verifier takes', () => {
    const names = tableOf('Chunk').map(([, name]) => name!);
    assert.deepEqual(
      tableOf('Chunk').map(([position]) => Number(position)),
      [1, 2, 3, 4, 5, 6, 7, 8],
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
      const constraints = Number(slots) * MAX_SLOT_CONSTRAINTS + CHUNK_OVERHEAD_CONSTRAINTS;
      assert.equal(`2^${Math.ceil(Math.log2(constraints + 9))}`, log2);
      assert.equal(Number(slots) * PROFILES_BY_SLOTS.get(Number(slots))!, Number(total!.replaceAll(',', '')));
    }
    assert.ok(DOCUMENT.includes(`at most ${MAX_SLOT_CONSTRAINTS.toLocaleString('en')} constraints`));
    assert.ok(DOCUMENT.includes(`${CHUNK_OVERHEAD_CONSTRAINTS.toLocaleString('en')} constraints beside its slots`));
  });
});
