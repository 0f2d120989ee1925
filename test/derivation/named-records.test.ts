/** What the records of a batch on L1 are to those who sent them, by executing the operations that they were made of. */

import assert from 'node:assert/strict';
import { nameRecords } from '@quittance/derivation';
import {
  AUTHORIZATION_BYTES,
  applyOperation,
  isSignedKind,
  NO_FEES,
  type Operation,
  RollupState,
  unpackFeeTokens,
} from '@quittance/protocol';
import { createRandomAssertion, type RandomAssertion } from '../support/derivation/random-assertion.ts';
import { World } from '../support/rollup/world.ts';

const SLOTS = 8;

/** Nonce and id of each operation, by chunk and slot. */
function expectedOf(world: World, { before, submission, operations }: RandomAssertion) {
  const state = new RollupState(world.crypto.hasher, before.accounts());
  return operations.map((chunk, position) => {
    const feeTokens = unpackFeeTokens(submission.feeTokens[position]!);
    const context = { domain: world.domain, batchTime: submission.time, feeTokens };
    let fees = NO_FEES;
    return chunk.map((operation: Operation) => {
      const isSigned = isSignedKind(operation.fields.kind);
      const nonce = isSigned ? state.get(operation.fields.from)!.nonce : 0;
      const outcome = applyOperation(world.crypto, state, operation, context, fees);
      assert.ok(outcome.valid);
      for (const change of outcome.effects.changes) state.write(change);
      fees = outcome.effects.fees;
      return { nonce, id: outcome.effects.transactionId };
    });
  });
}

describe('the names of records on L1', () => {
  const world = new World('named records');
  world.randomChunk(SLOTS);
  const deployment = { domain: world.domain, slotsPerChunk: SLOTS };
  const names = (named: ReturnType<typeof nameRecords>) =>
    named.map((chunk) => chunk.map(({ nonce, id }) => ({ nonce, id })));

  for (const form of ['calldata', 'evaluations'] as const) {
    it(`are nonces and ids where signatures are on L1: ${form}`, () => {
      const asserted = createRandomAssertion(world, { form, slots: SLOTS });
      const { before, submission } = asserted;
      const { root } = before;
      const data = { ...submission, parent: undefined as never };
      const expected = expectedOf(world, asserted);
      assert.deepEqual(names(nameRecords(world.crypto, before, data, deployment)), expected);
      assert.ok(expected.flat().filter(({ id }) => id !== undefined).length > 3);
      assert.equal(before.root, root, 'the state is as before');
    });
  }

  it('are nonces alone where a proof stands in for signatures', () => {
    const asserted = createRandomAssertion(world, { slots: SLOTS });
    const { authorizations: _, ...batch } = asserted.submission;
    const data = { ...batch, parent: undefined as never, proofs: [], evaluations: [], opening: new Uint8Array() };
    const expected = expectedOf(world, asserted).map((chunk) => chunk.map(({ nonce }) => ({ nonce, id: undefined })));
    const named = nameRecords(world.crypto, asserted.before, data, deployment);
    assert.deepEqual(names(named), expected);
    assert.ok(named.flat().every(({ operation }) => operation.authorization === undefined));
  });

  it('have no id, and no signature, where a signature is false: only that record', () => {
    const asserted = createRandomAssertion(world, { slots: SLOTS });
    const { before, submission } = asserted;
    const chunk = submission.authorizations.findIndex(({ length }) => length >= 2 * AUTHORIZATION_BYTES);
    const bytes = submission.authorizations[chunk]!;
    // The second one: a bit of S.
    const at = 2 * AUTHORIZATION_BYTES - 1;
    const authorizations = submission.authorizations.with(chunk, bytes.with(at, bytes[at]! ^ 1));
    const data = { ...submission, authorizations, parent: undefined as never };
    const named = nameRecords(world.crypto, before, data, deployment);
    const signed = asserted.operations[chunk]!.flatMap(({ fields }, slot) => (isSignedKind(fields.kind) ? [slot] : []));
    const expected = expectedOf(world, asserted).map((list, position) =>
      list.map((one, slot) => (position === chunk && slot === signed[1] ? { ...one, id: undefined } : one)),
    );
    assert.deepEqual(names(named), expected);
    assert.equal(named[chunk]![signed[1]!]!.operation.authorization, undefined);
  });
});
