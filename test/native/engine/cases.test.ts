import assert from 'node:assert/strict';
import { applyOperation, NOOP, type Operation, RECORD_ERROR_CODES, wordCountOf } from '@quittance/protocol';
import { codeOf } from '../../support/assertions.ts';
import { describeNative } from '../../support/native.ts';
import { batchOf, OPTIONS } from '../../support/rollup/engine-batch.ts';
import {
  CONTEXT,
  createState,
  deposit,
  INDEX,
  move,
  NO_FEES,
  ownerAndToken,
  transfer,
  unsigned,
} from '../../support/rollup/scene.ts';

import { STEP_CASES } from '../../support/step/cases.ts';
import { executeOnAll, NATIVE_CRYPTO } from './engines.ts';

const UNCHANGED = createState();

/** Whether a record can be said in OPERATION_BYTES, and stands at the beginning of a chunk. */
const isFirst = ({ operation, circumstances }: (typeof STEP_CASES)[number]): boolean =>
  operation.words.length === wordCountOf(operation.fields.kind) && circumstances.fees === undefined;

describeNative('hand-made records on both engines', () => {
  const codes = new Set<string>();

  for (const { title, operation, circumstances } of STEP_CASES.filter(isFirst)) {
    it(`judge ${title} as the rules do`, async () => {
      const { state = UNCHANGED, context = CONTEXT } = circumstances;
      const expected = codeOf(applyOperation(NATIVE_CRYPTO, state, operation, context, NO_FEES));
      const { refusals } = await executeOnAll([...state.accounts()], batchOf(context, [operation]), OPTIONS);
      const code = refusals[0]?.code ?? 'valid';
      codes.add(code);
      // A valid payment may leave its fee behind, which is the chunk's fault.
      assert.ok(
        code === expected || (expected === 'valid' && code === 'FEES_NOT_COLLECTED'),
        `${code}, not ${expected}`,
      );
    });
  }

  for (const kind of [8, 9, 10, 11, 12, 13, 14, 15]) {
    it(`judge kind ${kind} as reserved`, async () => {
      const batch = batchOf(CONTEXT, [unsigned(kind, { from: INDEX.alice, to: INDEX.bob })]);
      const { refusals } = await executeOnAll([...UNCHANGED.accounts()], batch, OPTIONS);
      codes.add(refusals[0]!.code);
    });
  }

  after(() => {
    const packable = RECORD_ERROR_CODES.filter((code) => code !== 'WORD_COUNT');
    assert.deepEqual(
      packable.filter((code) => !codes.has(code)),
      [],
    );
  });
});

describeNative('records that meet themselves or nobody, on both engines', () => {
  const bytesOf = async (...operations: Operation[]) => {
    const batch = batchOf(CONTEXT, operations);
    const { refusals, chunks } = await executeOnAll([...UNCHANGED.accounts()], batch, OPTIONS);
    assert.deepEqual(refusals, []);
    return chunks[0]!.trace!.bytes;
  };

  it('trace a move to the number of its own sender after the sender has paid', async () => {
    await bytesOf(move({ to: INDEX.alice }), transfer({ nonce: 6 }));
  });

  it('trace deposits to leaf 0, which noops read too', async () => {
    const words = [5n, ownerAndToken('dave'), 7n];
    await bytesOf(NOOP, deposit({ to: 0 }, words), NOOP, deposit({ to: 0 }, words));
  });

  it('take no notice of an authorization that nobody asks for', async () => {
    const { authorization } = transfer();
    await bytesOf({ ...deposit(), authorization: { ...authorization!, validUntil: 1 } });
  });
});
