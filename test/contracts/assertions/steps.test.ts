import { FIELD_MODULUS, keccak, stepCommitment, stepProofCommitment } from '@quittance/protocol';
import { expect } from 'chai';
import { latestTime } from '../../support/contracts/deployment.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  commitTo,
  dispute,
  finalize,
  proveStep,
  sendAnswer,
  sendProofs,
  sendStepProof,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS, LIE_FEE_TOKENS } from '../../support/optimistic/lie-scene.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import { collectOf, noop, transferOf } from '../../support/optimistic/slot-scripts.ts';
import { commitmentTo, createStepProof, type EvmStepProof } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;
const OTHER_HASH = `0x${'11'.repeat(32)}`;

describe('Assertions.proveStep', () => {
  /** Chunk 0 is honest and has fees; chunk 1 lies in slot 2. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    const built = await buildOn(world, tip, [
      { slots: [transferOf(alice, bob.index, 5n, { fee: 3n }), collectOf(bob.index)], feeTokens: LIE_FEE_TOKENS },
      { slots: [transferOf(bob, alice.index, 7n), noop, LIES[0]!.script], feeTokens: LIE_FEE_TOKENS },
    ]);
    await assertBatch(world, built);
    const assertedAt = await latestTime(world);
    for (const chunk of [0, 1]) {
      await dispute(world, 1n, built, chunk);
      await sendAnswer(world, 1n, built, chunk);
    }
    return { built, assertedAt };
  });

  const FRAUD = { assertionId: 1n, chunk: 1, slot: 2 };
  const fraud = () => createStepProof(fixture.prepared.built, FRAUD);
  /** Commits to what the proof says, then sends it. */
  const commitAndProve = async (proof: EvmStepProof) => {
    await commitTo(fixture.world, fixture.prepared.built, proof);
    return sendStepProof(fixture.world, proof);
  };

  describe('commit and reveal', () => {
    it('keeps the block of a commitment', async () => {
      const { world, prepared } = fixture;
      const { assertions } = world;
      const commitment = commitmentTo(prepared.built, fraud(), world.bob.address);
      expect(await assertions.stepCommittedAt(commitment)).to.equal(0n);
      await expect(assertionsBy(world, world.bob).commitStep(commitment))
        .to.emit(assertions, 'StepCommitted')
        .withArgs(commitment, world.bob.address);
      const block = await world.ethers.provider.getBlockNumber();
      expect(await assertions.stepCommittedAt(commitment)).to.equal(BigInt(block));
    });

    it('refuses a step that nobody committed to', async () => {
      const { world, prepared } = fixture;
      const commitment = commitmentTo(prepared.built, fraud(), world.bob.address);
      await refuses(world, sendStepProof(world, fraud()), 'StepNotCommitted', commitment);
    });

    it('refuses a step in the block of its commitment, and takes it in the next', async () => {
      const { world, prepared } = fixture;
      const { ethers, assertions } = world;
      const proof = fraud();
      const commitment = commitmentTo(prepared.built, proof, world.bob.address);
      await ethers.provider.send('evm_setAutomine', [false]);
      try {
        const by = assertionsBy(world, world.bob);
        const nonce = await world.bob.getNonce();
        await by.commitStep(commitment, { nonce });
        const revealed = await by.proveStep(proof, { nonce: nonce + 1, gasLimit: 8_000_000 });
        await world.l1.networkHelpers.mine();
        const receipt = await ethers.provider.getTransactionReceipt(revealed.hash);
        expect(receipt!.status).to.equal(0);
        expect(await assertions.stepCommittedAt(commitment)).to.equal(BigInt(receipt!.blockNumber));
      } finally {
        await ethers.provider.send('evm_setAutomine', [true]);
      }
      await sendStepProof(world, proof);
    });

    it('refuses the step of somebody else’s commitment: who copies the proof gets nothing', async () => {
      const { world, prepared } = fixture;
      const proof = fraud();
      await commitTo(world, prepared.built, proof, world.bob);
      const thief = commitmentTo(prepared.built, proof, world.alice.address);
      await refuses(world, sendStepProof(world, proof, world.alice), 'StepNotCommitted', thief);
      // Copying the commitment says nothing about the copier.
      const copied = commitmentTo(prepared.built, proof, world.bob.address);
      await refuses(world, assertionsBy(world, world.alice).commitStep(copied), 'AlreadyCommitted', copied);
      await sendStepProof(world, proof, world.bob);
    });

    it('takes the step of a commitment that somebody else sent first', async () => {
      const { world, prepared } = fixture;
      const proof = fraud();
      const commitment = commitmentTo(prepared.built, proof, world.bob.address);
      await assertionsBy(world, world.alice).commitStep(commitment);
      await refuses(world, assertionsBy(world, world.bob).commitStep(commitment), 'AlreadyCommitted', commitment);
      await sendStepProof(world, proof, world.bob);
      expect(await world.assertions.creditOf(world.bob.address)).to.equal(world.optimistic.assertionBond / 2n);
    });

    it('refuses a second commitment of the same, which could move its block', async () => {
      const { world, prepared } = fixture;
      const proof = fraud();
      const commitment = await commitTo(world, prepared.built, proof);
      const before = await world.assertions.stepCommittedAt(commitment);
      await refuses(world, assertionsBy(world, world.bob).commitStep(commitment), 'AlreadyCommitted', commitment);
      expect(await world.assertions.stepCommittedAt(commitment)).to.equal(before);
    });

    it('binds the salt, the assertion, the chunk, the slot and the outcome', async () => {
      const { world, prepared } = fixture;
      const proof = fraud();
      const { truth } = prepared.built.claims[1]!.slots[2]!;
      const claim = { prover: world.bob.address, salt: proof.salt, ...FRAUD, outcome: truth };
      const others = [
        { ...claim, salt: OTHER_HASH },
        { ...claim, assertionId: 2n },
        { ...claim, chunk: 0 },
        { ...claim, slot: 3 },
        { ...claim, outcome: { valid: false, code: 'EXPIRED' } as const },
        { ...claim, outcome: { valid: true, state: proof.before } as const },
      ];
      for (const other of others) await assertionsBy(world, world.bob).commitStep(stepProofCommitment(other));
      await refuses(world, sendStepProof(world, proof), 'StepNotCommitted', stepProofCommitment(claim));
      await assertionsBy(world, world.bob).commitStep(stepProofCommitment(claim));
      await sendStepProof(world, proof);
    });
  });

  it('finds no fraud in any honest step, first and last included', async () => {
    const { world, prepared } = fixture;
    for (const [chunk, { slots }] of prepared.built.claims.entries()) {
      for (const [slot, { isFraud }] of slots.entries()) {
        if (isFraud) continue;
        const proof = createStepProof(prepared.built, { assertionId: 1n, chunk, slot });
        await commitTo(world, prepared.built, proof);
        await refuses(world, sendStepProof(world, proof), 'NoFraud', 1, chunk, slot);
      }
    }
  });

  describe('refuses', () => {
    const refusesChange = async (change: Partial<EvmStepProof>, error: string, ...args: unknown[]) => {
      const proof = { ...fraud(), ...change };
      await commitTo(fixture.world, fixture.prepared.built, fraud());
      await refuses(fixture.world, sendStepProof(fixture.world, proof), error, ...args);
    };
    const refusesAs = async (change: Partial<EvmStepProof>, error: string) => {
      await expect(sendStepProof(fixture.world, { ...fraud(), ...change })).to.be.revertedWithCustomError(
        declaring(fixture.world, error),
        error,
      );
    };

    it('unknown assertions, chunks and slots', async () => {
      await refusesChange({ assertionId: 2n }, 'UnknownAssertion', 2);
    });

    it('a chunk beyond the last and a slot beyond the last', async () => {
      await refusesChange({ chunk: 2 }, 'ChunkOutOfRange', 2, 2);
    });

    it('a slot beyond the last', async () => {
      await refusesChange({ slot: 4 }, 'SlotOutOfRange', 4, 4);
    });

    it('data with a bit flipped, cut or longer', async () => {
      const { data } = fraud();
      for (const changed of [
        data.with(40, data[40]! ^ 1),
        data.slice(0, -1),
        Uint8Array.from([...data, 0]),
        new Uint8Array(),
      ]) {
        await refusesAs({ data: changed }, 'WrongChunkData');
      }
    });

    it('the data of another chunk', async () => {
      await refusesAs({ data: fixture.prepared.built.claims[0]!.data }, 'WrongChunkData');
    });

    it('authorizations with a bit flipped, cut or longer', async () => {
      const { authorizations } = fraud();
      const expected = keccak(authorizations);
      for (const changed of [
        authorizations.with(68, authorizations[68]! ^ 1),
        authorizations.slice(0, -1),
        Uint8Array.from([...authorizations, 0]),
        new Uint8Array(),
      ]) {
        await refusesAs({ authorizations: changed }, 'WrongAuthorizations');
      }
      await refusesChange(
        { authorizations: new Uint8Array() },
        'WrongAuthorizations',
        expected,
        keccak(new Uint8Array()),
      );
    });

    it('another answer than was given', async () => {
      const { commitments } = fraud();
      for (const changed of [
        commitments.with(0, OTHER_HASH),
        commitments.slice(1),
        [...commitments, OTHER_HASH],
        [],
        fixture.prepared.built.claims[0]!.answer,
      ]) {
        await refusesAs({ commitments: changed }, 'WrongAnswer');
      }
    });

    it('content of which a word was changed', async () => {
      const { content } = fraud();
      const { inputs } = content;
      const lists = (['dataHashes', 'authorizationHashes', 'visibleHashes'] as const).flatMap((name) => [
        { [name]: content[name].with(1, OTHER_HASH) },
        { [name]: content[name].slice(1) },
        { [name]: [...content[name], OTHER_HASH] },
      ]);
      for (const changed of [
        { form: 1 },
        { form: 2 },
        { inputs: inputs.with(1, inputs[1]!.with(1, 1n)) },
        { inputs: inputs.slice(1) },
        { inputs: [...inputs, inputs[0]!] },
        ...lists,
      ]) {
        await refusesAs({ content: { ...content, ...changed } }, 'WrongContent');
      }
    });

    it('another state before the record', async () => {
      const { before } = fraud();
      for (const changed of [
        { ...before, stateRoot: before.stateRoot + 1n },
        { ...before, stateRoot: before.stateRoot + FIELD_MODULUS },
        { ...before, fees: before.fees.with(0, 1n) },
        { ...before, fees: before.fees.with(3, 1n) },
        { ...before, visibleCount: before.visibleCount + 1 },
      ]) {
        await refusesAs({ before: changed }, 'WrongStateBefore');
      }
    });

    it('fees before the first record', async () => {
      const { world, prepared } = fixture;
      const first = createStepProof(prepared.built, { assertionId: 1n, chunk: 1, slot: 0 });
      const before = { ...first.before, fees: [5n, 0n, 0n, 0n] };
      await refuses(
        world,
        sendStepProof(world, { ...first, before }),
        'WrongStateBefore',
        stepCommitment(first.before, LIE_FEE_TOKENS),
        stepCommitment(before, LIE_FEE_TOKENS),
      );
    });

    it('a witness of other leaves', async () => {
      const { world } = fixture;
      const { witness } = fraud();
      const { from } = witness;
      const leaf = { ...from.leaf, balance: from.leaf.balance + 1n };
      const changed = { ...witness, from: { ...from, leaf } };
      await commitTo(world, fixture.prepared.built, fraud());
      const executor = await world.ethers.getContractAt('StepVerifier', await world.assertions.stepVerifier());
      const { stateRoot } = fraud().before;
      await refuses(
        executor,
        sendStepProof(world, { ...fraud(), witness: changed }),
        'WrongStateProof',
        stateRoot,
        (actual: bigint) => actual !== stateRoot,
      );
      expect(await world.assertions.isPending(1n)).to.equal(true);
      await sendStepProof(world, fraud());
    });
  });

  it('refuses a chunk that was not answered', async () => {
    const { world, prepared } = fixture;
    const next = await buildOn(world, prepared.built, [{ slots: [LIES[0]!.script], feeTokens: LIE_FEE_TOKENS }]);
    await assertBatch(world, next);
    await refuses(world, proveStep(world, next, { assertionId: 2n, chunk: 0, slot: 0 }), 'NotAnswered', 2, 0);
    await dispute(world, 2n, next, 0);
    const proof = createStepProof(next, { assertionId: 2n, chunk: 0, slot: 0 });
    await refuses(world, sendStepProof(world, proof), 'NotAnswered', 2, 0);
    await sendAnswer(world, 2n, next, 0);
    await sendStepProof(world, proof);
    expect(await world.assertions.isPending(1n)).to.equal(true);
    expect(await world.assertions.isPending(2n)).to.equal(false);
  });

  it('refuses a proven chunk: a proof cannot be wrong', async () => {
    const { world, prepared } = fixture;
    await sendProofs(world, 1n, prepared.built, 1, 1);
    await refuses(world, commitAndProve(fraud()), 'ChunkProven', 1, 1);
  });

  it('refuses a rejected assertion: one proof is enough', async () => {
    const { world, prepared } = fixture;
    const proof = fraud();
    await commitTo(world, prepared.built, proof, world.bob);
    await commitTo(world, prepared.built, proof, world.alice);
    await sendStepProof(world, proof, world.bob);
    await refuses(world, sendStepProof(world, proof, world.alice), 'AssertionNotPending', 1);
    expect(await world.assertions.creditOf(world.alice.address)).to.equal(0n);
  });

  it('refuses a final assertion', async () => {
    const { world, prepared } = fixture;
    await commitTo(world, prepared.built, fraud());
    const { challengePeriod, answerWindow, stepWindow } = world.optimistic;
    await at(world, prepared.assertedAt + challengePeriod + answerWindow + stepWindow + 1);
    await finalize(world, prepared.built);
    await refuses(world, sendStepProof(world, fraud()), 'AssertionNotPending', 1);
  });

  it('is taken long after S, until somebody makes the batch final', async () => {
    const { world, prepared } = fixture;
    const { challengePeriod, answerWindow, stepWindow } = world.optimistic;
    await at(world, prepared.assertedAt + 10 * (challengePeriod + answerWindow + stepWindow));
    await world.l1.networkHelpers.mine();
    expect(await world.assertions.isFinalizable()).to.equal(true);
    await commitAndProve(fraud());
    expect(await world.assertions.isPending(1n)).to.equal(false);
  });
});
