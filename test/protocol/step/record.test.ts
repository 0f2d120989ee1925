import assert from 'node:assert/strict';
import {
  AUTHORIZATION_BYTES,
  assertedOperation,
  assertedRecords,
  chunkAuthorizations,
  encodeAuthorization,
  NOOP,
  RecordKind,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { collectFee, createState, deposit, EMPTY_INDEX, transfer, withdraw } from '../../support/rollup/scene.ts';

describe('authorizations of a chunk', () => {
  const operations = [deposit(), transfer(), NOOP, withdraw({ validUntil: 9 }), collectFee()];
  const bytes = chunkAuthorizations(operations);

  it('are 69 bytes for each record of kinds 1 to 3, in order', () => {
    const signed = [operations[1]!, operations[3]!].map(({ authorization }) => encodeAuthorization(authorization!));
    assert.deepEqual(bytes, Uint8Array.from(signed.flatMap((part) => [...part])));
    assert.deepEqual(chunkAuthorizations([NOOP, deposit()]), new Uint8Array());
  });

  it('pair with the records again', () => {
    const records = assertedRecords(operations, bytes);
    assert.deepEqual(
      records.map(({ authorization }) => authorization.length),
      [0, 69, 0, 69, 0],
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
    assert.deepEqual(lengthsOf(bytes.slice(0, 2 * AUTHORIZATION_BYTES - 1)), [0, 69, 0, 0, 0]);
    assert.deepEqual(lengthsOf(bytes.slice(0, AUTHORIZATION_BYTES - 1)), [0, 0, 0, 0, 0]);
    assert.deepEqual(lengthsOf(new Uint8Array()), [0, 0, 0, 0, 0]);
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
