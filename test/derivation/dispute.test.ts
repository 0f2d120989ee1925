import assert from 'node:assert/strict';
import { type DisputedChunk, honestCommitments, locateFault } from '@quittance/derivation';
import { encodeRecord, type RollupState, stepCodeOf, stepCommitment, stepResultOf } from '@quittance/protocol';
import { assertCode } from '../support/assertions.ts';
import { build, collect, DEPLOYMENT, HONEST, pay, placeOf, SLOTS, submissionOf } from '../support/derivation/claims.ts';
import type { BuiltAssertion } from '../support/optimistic/asserted-batch.ts';
import { chunkOf, withAuthorizations } from '../support/optimistic/lie-chunks.ts';
import { createLieState } from '../support/optimistic/lie-scene.ts';
import { LIES, type Lie, lieNamed } from '../support/optimistic/lies.ts';
import { noop, pretending } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';
import { deployStepVerifier, evmWitness, type StepContract } from '../support/step/step.ts';

const placed = (built: BuiltAssertion, chunk: number): DisputedChunk => ({ submission: submissionOf(built), chunk });
const locate = (state: RollupState, built: BuiltAssertion, chunk: number, answer = built.claims[chunk]!.answer) =>
  locateFault(portableCrypto, state, placed(built, chunk), answer, DEPLOYMENT);
const answerOf = (state: RollupState, built: BuiltAssertion, chunk: number) =>
  honestCommitments(portableCrypto, state, placed(built, chunk), DEPLOYMENT);

/** One lie for each finding. */
const ONE_LIE_EACH: readonly Lie[] = LIES.filter(
  ({ finding }, position) => LIES.findIndex((lie) => lie.finding === finding) === position,
);

describe('answer to a dispute', () => {
  const forged = withAuthorizations(chunkOf(...HONEST.slots), (bytes) => bytes.fill(0));
  const built = build(HONEST, forged, HONEST);

  it('has the commitments after all slots but the last, and leaves the state as it was', () => {
    const state = createLieState();
    for (const chunk of [0, 2]) {
      const answer = answerOf(state, built, chunk);
      assert.equal(answer.length, SLOTS - 1);
      assert.deepEqual(answer, built.claims[chunk]!.answer);
    }
    assert.equal(state.root, createLieState().root);
  });

  it('does not exist for a chunk with a wrong record, with another root or with fees left', () => {
    const state = createLieState();
    assertCode(() => answerOf(state, built, 1), 'CLAIM_FALSE');
    const lie = pretending(pay, () => ({ changes: [] }));
    assertCode(() => answerOf(state, build(chunkOf(lie, collect)), 0), 'CLAIM_FALSE');
    assertCode(() => answerOf(state, build(chunkOf(pay)), 0), 'CLAIM_FALSE');
    assert.equal(state.root, createLieState().root);
  });

  it('is for a chunk that there is, behind chunks that are right but for their signatures', () => {
    assertCode(() => answerOf(createLieState(), built, 3), 'OUT_OF_RANGE');
    const lie = chunkOf(
      pretending(noop, () => ({ changes: [] })),
      LIES.find(({ name }) => name === 'money from nowhere in a noop')!.script,
    );
    assertCode(() => answerOf(createLieState(), build(lie, HONEST), 1), 'CLAIM_FALSE');
    assertCode(() => answerOf(createLieState(), build(chunkOf(pay), HONEST), 1), 'FEES_NOT_COLLECTED');
  });
});

describe('fault in an answer', () => {
  it('does not exist when chunk and answer are right', () => {
    const state = createLieState();
    const built = build(HONEST, HONEST);
    for (const chunk of [0, 1]) assert.equal(locate(state, built, chunk), undefined);
    assert.equal(state.root, createLieState().root);
  });

  for (const slot of [0, 1, SLOTS - 2]) {
    it(`is the first commitment that differs, slot ${slot}, though the chunk is right`, () => {
      const built = build(HONEST);
      const { answer, slots } = built.claims[0]!;
      const wrong = answer.with(slot, stepCommitment({ stateRoot: 1n, fees: [0n, 0n, 0n, 0n], visibleCount: 0 }, []));
      const fault = locate(createLieState(), built, 0, wrong);
      assert.deepEqual(placeOf(fault!), { chunk: 0, slot, result: 'WRONG_STATE' });
      assert.deepEqual([fault!.before, fault!.outcome], [slots[slot]!.before, slots[slot]!.truth]);
      assert.deepEqual(fault!.witness, slots[slot]!.witness);
    });
  }

  for (const { name, finding, script } of LIES) {
    it(`is the record of ${name} when the answer follows the lie`, () => {
      const built = build(HONEST, chunkOf(noop, script, pay, collect));
      const state = createLieState();
      const fault = locate(state, built, 1);
      const { before, truth, witness } = built.claims[1]!.slots[1]!;
      const result = finding === 'valid' ? 'WRONG_STATE' : finding;
      assert.deepEqual(placeOf(fault!), { chunk: 1, slot: 1, result });
      assert.deepEqual([fault!.before, fault!.outcome, fault!.witness], [before, truth, witness]);
      assert.equal(state.root, createLieState().root);
    });
  }

  for (const { name, script } of ONE_LIE_EACH) {
    it(`is the record of ${name} in the last slot, where the root itself is the answer`, () => {
      const fillers = Array.from({ length: SLOTS - 1 }, () => noop);
      const built = build(chunkOf(...fillers, script));
      const fault = locate(createLieState(), built, 0);
      const { before, truth, witness } = built.claims[0]!.slots[SLOTS - 1]!;
      assert.equal(fault!.slot, SLOTS - 1);
      assert.deepEqual([fault!.before, fault!.outcome, fault!.witness], [before, truth, witness]);
    });
  }

  describe('as the step verifier sees it', () => {
    let verifier: StepContract;
    before(async () => {
      ({ verifier } = await deployStepVerifier());
    });

    for (const { name, finding, script } of ONE_LIE_EACH) {
      it(`has a witness with which it finds the same of ${name}`, async () => {
        const built = build(chunkOf(noop, script, pay, collect));
        const { before: start, record, witness, outcome } = locate(createLieState(), built, 0)!;
        const { fields, words, authorization } = record;
        const step = { record: encodeRecord(fields), words, authorization };
        const { domain, batchTime, feeTokens } = built.claims[0]!.context;
        const context = { domain, batchTime, feeTokens };
        const answer: unknown = await verifier.executeStep(start, context, step, evmWitness(witness));
        const { result, state } = answer as { result: bigint; state: [bigint, bigint[]] };
        assert.equal(Number(result), stepResultOf(outcome));
        assert.equal(stepCodeOf(Number(result)), finding);
        if (outcome.valid) assert.deepEqual([state[0], [...state[1]]], [outcome.state.stateRoot, outcome.state.fees]);
      });
    }
  });

  it('is the last record when the answer is true and the root is not, or fees are left', () => {
    const built = build(HONEST);
    const submission = submissionOf(built, { roots: built.batch.roots.with(1, 5n) });
    const answer = built.claims[0]!.answer;
    const fault = locateFault(portableCrypto, createLieState(), { submission, chunk: 0 }, answer, DEPLOYMENT);
    assert.deepEqual(placeOf(fault!), { chunk: 0, slot: SLOTS - 1, result: 'WRONG_STATE' });
    assert.match(fault!.explanation, /the assertion claims 0x5$/);
    const left = locate(createLieState(), build(chunkOf(pay)), 0);
    assert.deepEqual(placeOf(left!), { chunk: 0, slot: SLOTS - 1, result: 'FEES_NOT_COLLECTED' });
  });

  it('is the invalid record when the answer goes astray behind it, and the astray commitment when it does so before', () => {
    const forged = lieNamed('a signature by another key');
    const built = build(chunkOf(pay, forged.script, collect));
    const { answer } = built.claims[0]!;
    const astray = stepCommitment({ stateRoot: 1n, fees: [0n, 0n, 0n, 0n], visibleCount: 0 }, []);
    const at = (slot: number) => locate(createLieState(), built, 0, answer.with(slot, astray))!;
    assert.deepEqual(placeOf(at(2)), { chunk: 0, slot: 1, result: 'BAD_SIGNATURE' });
    assert.deepEqual(placeOf(at(0)), { chunk: 0, slot: 0, result: 'WRONG_STATE' });
  });

  it('is searched only behind chunks that are right but for their signatures', () => {
    const lie = chunkOf(
      pretending(pay, () => ({ changes: [] })),
      collect,
    );
    assertCode(() => locate(createLieState(), build(lie, HONEST), 1), 'CLAIM_FALSE');
  });
});
