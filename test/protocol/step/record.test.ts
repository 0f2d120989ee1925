import assert from 'node:assert/strict';
import {
  AUTHORIZATION_BYTES,
  assertedOperation,
  assertedRecords,
  assertedRecordsOf,
  authorizedRecords,
  chunkAuthorizations,
  encodeAuthorization,
  encodeChunkData,
  encodeEntry,
  encodeEvaluationBlobs,
  encodeVisible,
  NOOP,
  RecordKind,
  stepEntry,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { collectFee, createState, deposit, EMPTY_INDEX, move, transfer, withdraw } from '../../support/rollup/scene.ts';

describe('authorizations of a chunk', () => {
  const operations = [deposit(), transfer(), NOOP, withdraw({ validUntil: 9 }), collectFee(), move()];
  const bytes = chunkAuthorizations(operations);

  it('are 69 bytes for each record of kinds 1 to 3 and 7, in order', () => {
    const signed = [operations[1]!, operations[3]!, operations[5]!].map(({ authorization }) =>
      encodeAuthorization(authorization!),
    );
    assert.deepEqual(bytes, Uint8Array.from(signed.flatMap((part) => [...part])));
    assert.deepEqual(chunkAuthorizations([NOOP, deposit()]), new Uint8Array());
  });

  it('pair with the records again', () => {
    const records = assertedRecords(operations, bytes);
    assert.deepEqual(
      records.map(({ authorization }) => authorization.length),
      [0, 69, 0, 69, 0, 69],
    );
    const state = createState();
    assert.deepEqual(
      records.map((record) => assertedOperation(state, record)),
      operations,
    );
  });

  it('are none for the records whose bytes do not all exist, and anything may stand behind the last', () => {
    const lengthsOf = (given: Uint8Array) =>
      assertedRecords(operations, given).map(({ authorization }) => authorization.length);
    assert.deepEqual(lengthsOf(bytes.slice(0, 3 * AUTHORIZATION_BYTES - 1)), [0, 69, 0, 69, 0, 0]);
    assert.deepEqual(lengthsOf(bytes.slice(0, 2 * AUTHORIZATION_BYTES - 1)), [0, 69, 0, 0, 0, 0]);
    assert.deepEqual(lengthsOf(bytes.slice(0, AUTHORIZATION_BYTES - 1)), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(lengthsOf(new Uint8Array()), [0, 0, 0, 0, 0, 0]);
    const longer = assertedRecords(operations, Uint8Array.from([...bytes, 1, 2]));
    assert.deepEqual(longer, assertedRecords(operations, bytes));
  });

  it('mean an operation without signature where they do not exist or there is no sender', () => {
    const [, record] = assertedRecords(operations, new Uint8Array());
    assert.equal(assertedOperation(createState(), record!).authorization, undefined);
    const [, stranger] = assertedRecords(
      operations.with(1, { ...transfer(), fields: { ...transfer().fields, from: EMPTY_INDEX } }),
      bytes,
    );
    assert.ok(assertedOperation(createState(), stranger!).authorization !== undefined);
  });

  it('do not exist for a signed record without signature, or with one that 69 bytes cannot say', () => {
    const { authorization, ...nobody } = transfer();
    const error = assertCode(() => chunkAuthorizations([NOOP, nobody]), 'BAD_SIGNATURE');
    assert.equal(error.data['slot'], 1);
    const off = { ...nobody, authorization: { ...authorization!, s: 2n ** 253n } };
    assertCode(() => chunkAuthorizations([off]), 'NOT_REPRESENTABLE');
    assert.equal(nobody.fields.kind, RecordKind.transfer);
  });
});

describe('records of an asserted batch', () => {
  const chunks = [
    [deposit(), transfer(), withdraw(), NOOP],
    [move(), NOOP, collectFee(), transfer()],
  ];
  const visible = chunks.map(encodeVisible);
  const inCalldata = {
    form: 'calldata',
    chunks: chunks.map(encodeChunkData),
    authorizations: chunks.map(chunkAuthorizations),
    visible,
  } as const;
  const blobs = encodeEvaluationBlobs(authorizedRecords(chunks.flat()));
  const inBlobs = { form: 'evaluations', chunks: [], authorizations: [], visible } as const;

  it('are the same in calldata and in blobs, and mean the operations that were asserted', () => {
    const records = assertedRecordsOf(inCalldata, 4);
    assert.deepEqual(assertedRecordsOf(inBlobs, 4, blobs), records);
    const state = createState();
    assert.deepEqual(
      records.map((chunk) => chunk.map((record) => assertedOperation(state, record))),
      chunks,
    );
  });

  it('have no words where the visible list has another record, in either form', () => {
    const short = visible.with(1, new Uint8Array());
    for (const records of [
      assertedRecordsOf({ ...inCalldata, visible: short }, 4),
      assertedRecordsOf({ ...inBlobs, visible: short }, 4, blobs),
    ]) {
      assert.deepEqual(
        records[0]!.map(({ words }) => words.length),
        [3, 0, 3, 0],
      );
      assert.deepEqual(
        records[1]!.map(({ words }) => words.length),
        [0, 0, 0, 0],
      );
      assert.equal(records[1]![0]!.authorization.length, AUTHORIZATION_BYTES);
    }
  });

  it('are refused without the blobs', () => {
    assertCode(() => assertedRecordsOf(inBlobs, 4), 'WRONG_LENGTH');
    assertCode(() => assertedRecordsOf({ ...inCalldata, chunks: [] }, 4), 'WRONG_LENGTH');
  });
});

describe('the entry of a step proof', () => {
  const visible = encodeVisible([deposit(), withdraw()]);

  it('is the one at the number of visible records before, whatever record it has', () => {
    assert.deepEqual(stepEntry(visible, 0, deposit()), encodeEntry(deposit()));
    assert.deepEqual(stepEntry(visible, 1, deposit()), encodeEntry(withdraw()));
  });

  it('is empty behind the list and for a record that is not visible', () => {
    assert.deepEqual(stepEntry(visible, 2, move()), new Uint8Array());
    assert.deepEqual(stepEntry(new Uint8Array(), 0, deposit()), new Uint8Array());
    assert.deepEqual(stepEntry(visible, 0, transfer()), new Uint8Array());
  });
});
