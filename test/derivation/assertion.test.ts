import assert from 'node:assert/strict';
import { type ReplayCrypto, redoChanges, replayAssertion, replayBatch, undoChanges } from '@quittance/derivation';
import { type SignatureVerifier, stepCommitment } from '@quittance/protocol';
import { nativeHasher, nativeSignatureVerifier } from '../../native/index.ts';
import {
  build,
  collect,
  DEPLOYMENT,
  faultsOf,
  HONEST,
  pay,
  placeOf,
  replay,
  SLOTS,
  submissionOf,
} from '../support/derivation/claims.ts';
import { itNative } from '../support/native.ts';
import { chunkOf, withAuthorizations } from '../support/optimistic/lie-chunks.ts';
import { createLieState, HOLDERS, newcomer } from '../support/optimistic/lie-scene.ts';
import { LIES, lieNamed } from '../support/optimistic/lies.ts';
import {
  noop,
  pretending,
  type SlotScript,
  transferOf,
  transferToNewOf,
  withdrawOf,
} from '../support/optimistic/slot-scripts.ts';
import { portableCrypto as portable } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;

describe('replay of an assertion', () => {
  it('accepts a right one with the header that L1 makes of it, and leaves the state after it', async () => {
    const built = build(
      HONEST,
      chunkOf(withdrawOf(alice, 50n), transferToNewOf(alice, newcomer, 20n), transferOf(bob, 1, 5n, { validUntil: 0 })),
    );
    assert.equal(built.isLie, false);
    const state = createLieState();
    const verdict = await replay(state, built);
    assert.ok(verdict.isRight);
    assert.deepEqual(verdict.batch.header, built.header);
    assert.equal(verdict.batch.hash, built.headerHash);
    assert.deepEqual(verdict.batch.withdrawals, built.withdrawals);
    assert.equal(state.root, built.state.root);
    undoChanges(state, verdict.batch.changes);
    assert.equal(state.root, createLieState().root);
    assert.equal(state.get(newcomer.index), undefined);
    assert.equal(state.accountCount, createLieState().accountCount);
  });

  for (const { name, finding, script } of LIES) {
    it(`finds ${name} between honest records, and leaves the state as it was`, async () => {
      const built = build(HONEST, chunkOf(noop, script, pay, collect), HONEST);
      const state = createLieState();
      const [fault] = faultsOf(await replay(state, built));
      assert.equal(state.root, createLieState().root);
      const { before, truth } = built.claims[1]!.slots[1]!;
      if (finding === 'valid') {
        // The records are right: only the root at the end shows it.
        assert.deepEqual(placeOf(fault!), { chunk: 1, slot: SLOTS - 1, result: 'WRONG_STATE' });
      } else {
        assert.deepEqual(placeOf(fault!), { chunk: 1, slot: 1, result: finding });
        assert.deepEqual([fault!.before, fault!.outcome], [before, truth]);
        assert.match(fault!.explanation, new RegExp(`^slot 1 of chunk 1 .* breaks ${finding}: .`));
      }
      // What is signed can be true all the same, and only its signature false.
      if (finding !== 'BAD_SIGNATURE' && finding !== 'EXPIRED') assert.equal(fault!.isConclusive, true);
    });
  }

  it('finds fees that nobody collected at the last record of the chunk', async () => {
    const built = build(chunkOf(pay, pay));
    const [fault] = faultsOf(await replay(createLieState(), built));
    assert.deepEqual(placeOf(fault!), { chunk: 0, slot: SLOTS - 1, result: 'FEES_NOT_COLLECTED' });
    assert.match(fault!.explanation, /fees 4,0,0,0/);
    assert.equal(fault!.isConclusive, true);
  });

  it('finds a root that the records do not lead to, in the chunk that claims it', async () => {
    const built = build(HONEST, HONEST);
    for (const chunk of [0, 1]) {
      const roots = built.batch.roots.with(chunk + 1, 5n);
      const [fault] = faultsOf(await replay(createLieState(), built, { roots }));
      assert.deepEqual(placeOf(fault!), { chunk, slot: SLOTS - 1, result: 'WRONG_STATE' });
      assert.ok(fault!.outcome.valid);
      assert.equal(fault!.outcome.state.stateRoot, built.batch.roots[chunk + 1]);
      const claimed = built.claims[chunk]!.slots[SLOTS - 1]!.before;
      assert.equal(stepCommitment(fault!.before, []), stepCommitment(claimed, []));
    }
  });

  it('finds the first record whose authorization does not exist', async () => {
    const built = build(HONEST);
    const [bytes] = built.authorizations;
    for (const [length, slot] of [
      [0, 0],
      [68, 0],
      [69, 1],
      [137, 1],
    ] as const) {
      const [fault] = faultsOf(await replay(createLieState(), built, { authorizations: [bytes!.slice(0, length)] }));
      assert.deepEqual(placeOf(fault!), { chunk: 0, slot, result: 'BAD_SIGNATURE' });
    }
  });

  it('accepts what stands behind the last authorization, and a commitment c of another value', async () => {
    const built = build(HONEST);
    const longer = [Uint8Array.from([...built.authorizations[0]!, 7])];
    const verdict = await replay(createLieState(), built, { authorizations: longer, commitments: [7n] });
    assert.equal(verdict.isRight, true);
  });

  it('calls wrong signatures of a right state inconclusive, and looks at the chunks behind them', async () => {
    const forged = withAuthorizations(chunkOf(pay, pay, collect), (bytes) => bytes.fill(0));
    const lie = chunkOf(
      pay,
      pretending(pay, () => ({ changes: [] })),
      collect,
    );
    const built = build(forged, HONEST, forged, lie, forged);
    const faults = faultsOf(await replay(createLieState(), built));
    assert.deepEqual(
      faults.map(({ chunk, slot, result, isConclusive }) => [chunk, slot, result, isConclusive]),
      [
        [0, 0, 'BAD_SIGNATURE', false],
        [2, 0, 'BAD_SIGNATURE', false],
        [3, SLOTS - 1, 'WRONG_STATE', true],
      ],
    );
  });

  it('calls an expiry inconclusive when nothing else is wrong: the true signature may have another one', async () => {
    const early = withAuthorizations(chunkOf(pay, collect), (bytes) => bytes.fill(0, 0, 4).fill(1, 4, 5));
    const [fault] = faultsOf(await replay(createLieState(), build(early)));
    assert.deepEqual([fault!.result, fault!.isConclusive], ['EXPIRED', false]);
  });

  it('names a forged signature before what a later record breaks, and the other way round', async () => {
    const [forged, doubling] = ['a signature by another key', 'a transfer to oneself that doubles'].map(
      (name) => lieNamed(name).script,
    );
    const resultOf = async (...slots: SlotScript[]) =>
      placeOf(faultsOf(await replay(createLieState(), build(chunkOf(...slots))))[0]!);
    assert.deepEqual(await resultOf(forged!, doubling!), { chunk: 0, slot: 0, result: 'BAD_SIGNATURE' });
    assert.deepEqual(await resultOf(doubling!, forged!), { chunk: 0, slot: 0, result: 'SELF_TRANSFER' });
  });

  describe('with other cryptography', () => {
    const built = build(HONEST, chunkOf(pay, LIES[0]!.script, pay, collect));
    const judge = (crypto: ReplayCrypto) =>
      replayAssertion(crypto, createLieState(), built.parent, submissionOf(built), DEPLOYMENT);

    it('gives the same verdict when signatures are verified many at once', async () => {
      const batches: number[] = [];
      const verifier: SignatureVerifier = {
        verify: () => assert.fail('one at a time'),
        verifyMany(checks) {
          batches.push(checks.length);
          return checks.map((check) => portable.verifier.verify(check));
        },
      };
      // The fault itself is explained with single checks.
      const patient = { ...verifier, verify: portable.verifier.verify };
      assert.deepEqual(await judge({ ...portable, verifier: patient }), await judge(portable));
      assert.deepEqual(batches, [2, 3]);
    });

    itNative('gives the same verdict natively', async () => {
      const crypto = { ...portable, hasher: nativeHasher, verifier: nativeSignatureVerifier };
      assert.deepEqual(await judge(crypto), await judge(portable));
    });
  });

  describe('of a wrong chunk', () => {
    /** What the hasher is asked for once for each execution of a signed record: the message that it signs. */
    const countMessages = () => {
      let messages = 0;
      const hash = (inputs: readonly bigint[]): bigint => {
        if (inputs.length === 4 && inputs[0] === DEPLOYMENT.domain) messages += 1;
        return portable.hasher.hash(inputs);
      };
      // The engine has cryptography of its own: what it executes is not counted.
      return { crypto: { ...portable, hasher: { hash } }, messages: () => messages };
    };
    const forge = (change: (bytes: Uint8Array) => Uint8Array) => withAuthorizations(chunkOf(pay, pay, pay), change);
    const three = chunkOf(pay, pay, pay);
    const cases = [
      { name: 'a forged signature', chunk: forge((bytes) => bytes.fill(0, 0, 69)), slot: 0, expected: 4 },
      { name: 'a missing signature', chunk: forge((bytes) => bytes.slice(0, 69)), slot: 1, expected: 4 },
      { name: 'an expiry', chunk: forge((bytes) => bytes.fill(0, 138, 142).fill(1, 142, 143)), slot: 2, expected: 3 },
      { name: 'fees that nobody collected', chunk: three, slot: SLOTS - 1, expected: 3 },
    ];
    for (const { name, chunk, slot, expected } of cases) {
      it(`executes each record once, and the wrong one twice, for ${name}`, async () => {
        const built = build(chunk);
        const { crypto, messages } = countMessages();
        const [fault] = faultsOf(
          await replayAssertion(crypto, createLieState(), built.parent, submissionOf(built), DEPLOYMENT),
        );
        assert.equal(fault!.slot, slot);
        // The last slot is signed by nobody, and the second time an expiry is seen before the message is made.
        assert.equal(messages(), expected);
      });
    }

    it('executes nothing again for a root that the records do not lead to', async () => {
      const built = build(HONEST);
      const { crypto, messages } = countMessages();
      const submission = submissionOf(built, { roots: built.batch.roots.with(1, 5n) });
      const verdict = await replayAssertion(crypto, createLieState(), built.parent, submission, DEPLOYMENT);
      assert.equal(verdict.isRight, false);
      assert.equal(messages(), 2);
    });

    it('gives the batch that a proof would make of it, when only signatures are wrong', async () => {
      const forged = withAuthorizations(chunkOf(pay, pay, collect), (bytes) => bytes.fill(0));
      const early = withAuthorizations(chunkOf(pay, collect), (bytes) => bytes.fill(0, 0, 4).fill(1, 4, 5));
      const built = build(HONEST, forged, early);
      const state = createLieState();
      const verdict = await replay(state, built);
      assert.ok(!verdict.isRight && verdict.ifProven !== undefined);
      assert.equal(state.root, createLieState().root);
      const submission = submissionOf(built);
      const proven = await replayBatch(portable, createLieState(), built.parent, submission, DEPLOYMENT, false);
      assert.deepEqual(verdict.ifProven.header, proven.header);
      assert.deepEqual(verdict.ifProven.withdrawals, proven.withdrawals);
      redoChanges(state, verdict.ifProven.changes);
      assert.equal(state.root, built.batch.roots.at(-1));
      undoChanges(state, verdict.ifProven.changes);
      assert.equal(state.root, createLieState().root);
    });

    it('gives no such batch behind a fault that no signature can mend', async () => {
      const forged = withAuthorizations(chunkOf(pay, pay, collect), (bytes) => bytes.fill(0));
      const lie = chunkOf(
        pay,
        pretending(pay, () => ({ changes: [] })),
        collect,
      );
      const verdict = await replay(createLieState(), build(forged, lie));
      assert.ok(!verdict.isRight);
      assert.equal(verdict.ifProven, undefined);
    });

    it('lets no signature mend what is wrong without one: an expired record that breaks a rule as well', async () => {
      // Carol's token pays no fees: that is seen before the expiry, also when a record before it is forged.
      const carol = transferOf(HOLDERS.carol, 1, 1n, { fee: 1n });
      const built = build(withAuthorizations(chunkOf(pay, carol, collect), (bytes) => bytes.fill(0, 0, 69)));
      const [fault] = faultsOf(await replay(createLieState(), built));
      assert.deepEqual([fault!.slot, fault!.result, fault!.isConclusive], [0, 'BAD_SIGNATURE', true]);
    });
  });

  it('refuses an assertion on another state', async () => {
    const built = build(HONEST);
    const state = createLieState();
    state.write({ index: 3, after: state.get(1) });
    const { root } = state;
    await assert.rejects(replay(state, built), { code: 'PARENT_MISMATCH' });
    assert.equal(state.root, root);
  });

  it('refuses what L1 would never take, and leaves the state as it was', async () => {
    const built = build(HONEST, HONEST);
    const state = createLieState();
    const shorter = built.chunks.with(1, built.chunks[1]!.slice(1));
    await assert.rejects(replay(state, built, { chunks: shorter }), { code: 'WRONG_LENGTH' });
    await assert.rejects(replay(state, built, { authorizations: [new Uint8Array()] }), { code: 'WRONG_LENGTH' });
    await assert.rejects(replay(state, built, { roots: built.batch.roots.slice(0, 2) }), { code: 'WRONG_LENGTH' });
    await assert.rejects(replay(state, built, { feeTokens: built.batch.feeTokens.with(1, 0n) }), {
      code: 'FEE_TOKEN_ORDER',
    });
    assert.equal(state.root, createLieState().root);
  });
});
