import assert from 'node:assert/strict';
import type { AssertedSubmission } from '@quittance/derivation';
import {
  type AssertedRecord,
  applyOperation,
  assertedOperation,
  assertedRecordsOf,
  type BatchForm,
  isSignedKind,
  type Operation,
  recordsOf,
  StateOverlay,
  unpackOperations,
  VISIBLE_ENTRY_BYTES,
} from '@quittance/protocol';
import { nativeSignatureVerifier } from '../../native/index.ts';
import { packBatch } from '../../packages/derivation/pack.ts';
import { addAuthorizations } from '../../packages/derivation/pack-signatures.ts';
import { createRandomAssertion, type RandomAssertion } from '../support/derivation/random-assertion.ts';
import { itNative } from '../support/native.ts';
import { propertySeed } from '../support/property/random.ts';
import { portableCrypto, World } from '../support/rollup/world.ts';

const SLOTS = 12;
const FORMS: readonly BatchForm[] = ['calldata', 'coefficients', 'evaluations'];

const { verifier } = portableCrypto;
const unpacked = (chunks: readonly Uint8Array[]) => chunks.map(unpackOperations);

describe('records packed from what is on L1', () => {
  /** Six batches of a world, two of each form. */
  const world = new World(`packing/${propertySeed()}`);
  const batches = [...FORMS, ...FORMS].map((form) => ({
    form,
    ...createRandomAssertion(world, { form, slots: SLOTS }),
  }));

  for (const form of FORMS) {
    it(`are those that the readers of the protocol find in ${form}`, () => {
      for (const { submission } of batches.filter((batch) => batch.form === form)) {
        const records = recordsOf(submission, SLOTS, submission.blobs);
        assert.deepEqual(unpacked(packBatch(submission, SLOTS)!), records);
      }
    });
  }

  it('cover every kind', () => {
    const kinds = batches.flatMap(({ operations }) => operations.flat().map(({ fields }) => fields.kind));
    assert.deepEqual([...new Set(kinds)].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  const inCalldata = batches[0]!.submission;
  const [list] = inCalldata.visible;
  const withList = (change: Uint8Array): AssertedSubmission => ({
    ...inCalldata,
    visible: inCalldata.visible.with(0, change),
  });
  const inElements = batches[2]!.submission;
  const withByte = (at: number, bits: number): AssertedSubmission => {
    const blob = Uint8Array.from(inElements.blobs[0]!);
    blob[at]! |= bits;
    return { ...inElements, blobs: [blob] };
  };
  for (const [what, batch] of [
    ['data that was cut', { ...inCalldata, chunks: inCalldata.chunks.with(1, inCalldata.chunks[1]!.slice(1)) }],
    ['data of fewer chunks than lists', { ...inCalldata, chunks: inCalldata.chunks.slice(1) }],
    ['data of more chunks than lists', { ...inCalldata, chunks: [...inCalldata.chunks, inCalldata.chunks[0]!] }],
    ['a list that was cut', withList(list!.slice(0, -1))],
    ['a list without its first entry', withList(list!.slice(VISIBLE_ENTRY_BYTES))],
    ['a list without its last entry', withList(list!.slice(0, -VISIBLE_ENTRY_BYTES))],
    ['a list with its last entry twice', withList(Uint8Array.from([...list!, ...list!.slice(-VISIBLE_ENTRY_BYTES)]))],
    ['a list with an entry of another record', withList(list!.with(15, list![15]! ^ 1))],
    ['a list with an entry of more than 124 bits', withList(list!.with(0, list![0]! | 0x10))],
    ['no blob', { ...inElements, blobs: [] }],
    ['a blob too many', { ...inElements, blobs: [...inElements.blobs, ...inElements.blobs] }],
    ['a blob where none belongs', { ...inCalldata, blobs: inElements.blobs }],
    ['a blob that was cut', { ...inElements, blobs: [inElements.blobs[0]!.slice(1)] }],
    ['an element that is no 31 bytes', withByte(0, 1)],
    ['a record of more than 124 bits', withByte(1, 0x10)],
  ] as const) {
    it(`are none for ${what}`, () => {
      assert.equal(packBatch(batch, SLOTS), undefined);
    });
  }
});

describe('authorizations packed from 69 bytes', () => {
  /** What the protocol reads, each record in the state of its turn. */
  function expectedOf({ before, submission }: RandomAssertion, world: World): Operation[][] {
    const overlay = new StateOverlay(before);
    const operationOf = (record: AssertedRecord): Operation => {
      const operation = assertedOperation(overlay, record);
      // Fees stay where they are: what matters here are the accounts that appear.
      const outcome = applyOperation(portableCrypto, overlay, operation, world.context, [0n, 0n, 0n, 0n]);
      if (outcome.valid) for (const change of outcome.effects.changes) overlay.write(change);
      return operation;
    };
    return assertedRecordsOf(submission, SLOTS, submission.blobs).map((records) => records.map(operationOf));
  }
  const add = async ({ before, submission }: RandomAssertion, by = verifier): Promise<Uint8Array[] | undefined> => {
    const chunks = packBatch(submission, SLOTS)!;
    return (await addAuthorizations(by, before, submission, SLOTS, chunks)) ? chunks : undefined;
  };
  const world = new World(`packing signatures/${propertySeed()}`);
  const made = (['calldata', 'evaluations', 'calldata', 'evaluations'] as const).map((form) =>
    createRandomAssertion(world, { form, slots: SLOTS }),
  );

  /** One on accounts that exist. */
  const later = made[2]!;

  it('are those that the protocol reads, also of accounts that the batch creates', async () => {
    let ofNewAccounts = 0;
    for (const assertion of made) {
      assert.deepEqual(unpacked((await add(assertion))!), expectedOf(assertion, world));
      ofNewAccounts += assertion.operations
        .flat()
        .filter(({ fields }) => isSignedKind(fields.kind) && assertion.before.get(fields.from) === undefined).length;
    }
    assert.ok(ofNewAccounts > 0, 'no account signed in the batch that created it');
  });

  itNative('are the same natively', async () => {
    for (const assertion of made) {
      assert.deepEqual(await add(assertion, nativeSignatureVerifier), await add(assertion));
    }
  });

  const withBytes = (change: (bytes: Uint8Array) => Uint8Array): RandomAssertion => {
    const { submission, ...rest } = later;
    const authorizations = submission.authorizations.with(0, change(Uint8Array.from(submission.authorizations[0]!)));
    return { ...rest, submission: { ...submission, authorizations } };
  };
  for (const [what, change] of [
    ['one is cut', (bytes) => bytes.slice(0, -1)],
    ['none is there', () => new Uint8Array()],
    ['R8.y is no field element', (bytes) => bytes.fill(0xff, 5, 37)],
    ['R8.y is 1 and the sign says that x is not 0', (bytes) => bytes.fill(0, 5, 37).fill(0x80, 5, 6).fill(1, 36, 37)],
  ] as [string, (bytes: Uint8Array) => Uint8Array][]) {
    it(`cannot be added when ${what}`, async () => {
      assert.equal(await add(withBytes(change)), undefined);
    });
  }

  it('cannot be added when there are lists for other chunks, or an account that nobody created signs', async () => {
    const { submission, before } = later;
    const fewer = { ...submission, authorizations: submission.authorizations.slice(1) };
    const chunks = packBatch(submission, SLOTS)!;
    assert.equal(await addAuthorizations(verifier, before, fewer, SLOTS, chunks), false);
    assert.equal(await addAuthorizations(verifier, new World('nobody').state, submission, SLOTS, chunks), false);
  });

  it('take what stands behind the last one for nothing', async () => {
    const longer = withBytes((bytes) => Uint8Array.from([...bytes, 7]));
    assert.deepEqual(await add(longer), await add(later));
  });
});
