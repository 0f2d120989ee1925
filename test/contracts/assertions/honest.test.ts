import { expect } from 'chai';
import type { DeployedOptimistic } from '../../support/contracts/deployment.ts';
import type { BuiltAssertion, Tip } from '../../support/optimistic/asserted-batch.ts';
import { attackOn } from '../../support/optimistic/attacks.ts';
import { assertBatch, buildOn, dispute, sendAnswer } from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { buildInBlobsOn, claimedStep, sendInBlobs, stepProofOf } from '../../support/optimistic/in-blobs.ts';
import { chunkOf, THEFT } from '../../support/optimistic/lie-chunks.ts';
import { HOLDERS, newcomer } from '../../support/optimistic/lie-scene.ts';
import {
  collectOf,
  moveOf,
  noop,
  transferOf,
  transferToNewOf,
  withdrawOf,
} from '../../support/optimistic/slot-scripts.ts';
import type { EvmStepProof } from '../../support/optimistic/step-proof.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';

/** More with QUITTANCE_ATTACK_ROUNDS. */
const ROUNDS = Number(process.env['QUITTANCE_ATTACK_ROUNDS'] ?? 150);
const { alice, bob } = HOLDERS;
/** Every kind that a producer puts into a batch, and lists of three, two and no entries. */
const CHUNKS = [
  chunkOf(
    transferOf(alice, bob.index, 5n, { fee: 3n }),
    withdrawOf(alice, 7n),
    moveOf(bob, 9, 2n),
    collectOf(bob.index),
  ),
  chunkOf(transferToNewOf(alice, newcomer, 4n), noop, withdrawOf(bob, 1n), withdrawOf(alice, 2n)),
  chunkOf(noop, transferOf(bob, alice.index, 1n)),
];
/** What L1 says when it takes a step for fraud, and nobody has announced it. */
const FOUND = 'StepNotCommitted';

describe('a batch that is right', () => {
  const fixture = assertionsFixture();

  const asserted = {
    calldata: async (world: DeployedOptimistic, tip: Tip, chunks: typeof CHUNKS) => {
      const built = await buildOn(world, tip, chunks);
      await assertBatch(world, built);
      return built;
    },
    blobs: async (world: DeployedOptimistic, tip: Tip, chunks: typeof CHUNKS) => {
      const built = await buildInBlobsOn(world, tip, chunks);
      await sendInBlobs(world, built);
      return built;
    },
  };
  /** The honest proof of every step of a disputed and answered batch. */
  const stepsOf = async (built: BuiltAssertion, id: bigint): Promise<EvmStepProof[]> => {
    const proofs: EvmStepProof[] = [];
    for (const [chunk, { slots }] of built.claims.entries()) {
      await dispute(fixture.world, id, built, chunk);
      await sendAnswer(fixture.world, id, built, chunk);
      for (const slot of slots.keys()) {
        proofs.push(await stepProofOf(fixture.world, built, id, claimedStep(built, { chunk, slot })));
      }
    }
    return proofs;
  };
  /** The error with which L1 ends a proof that nobody committed to. */
  const errorOf = async (proof: EvmStepProof): Promise<string> => {
    const { assertions, ethers } = fixture.world;
    const data = assertions.interface.encodeFunctionData('proveStep', [proof]);
    const error: unknown = await ethers.provider.call({ to: await assertions.getAddress(), data }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return error === undefined ? 'none' : String((error as Error).message);
  };

  for (const form of ['calldata', 'blobs'] as const) {
    it(`is not shown wrong by any change to a step proof, in ${form}`, async function () {
      this.timeout(120_000 + 500 * ROUNDS);
      const seed = propertySeed();
      this.test!.title += ` (seed ${seed})`;
      const random = createRandom(`attacks ${form} ${seed}`);
      const { world, prepared } = fixture;
      const built = await asserted[form](world, prepared.tip, CHUNKS);
      expect(built.isLie).to.equal(false);
      const proofs = await stepsOf(built, 1n);
      // Proofs of a batch that is wrong, some of which L1 would take: their parts are borrowed.
      const wrong = await asserted.calldata(world, built, [THEFT]);
      const others = [...proofs, ...(await stepsOf(wrong, 2n))];
      expect(await errorOf(others.at(-3)!)).to.match(new RegExp(FOUND));

      for (const proof of proofs) expect(await errorOf(proof)).to.match(/NoFraud/);
      const seen = new Map<string, number>();
      for (let round = 0; round < ROUNDS; round += 1) {
        const { title, proof } = attackOn(random.pick(proofs), others, random);
        const error = await errorOf(proof);
        expect(error, `round ${round}, ${title}`).not.to.match(new RegExp(`none|${FOUND}`));
        const name = /custom error '(\w+)/.exec(error)?.[1] ?? 'other';
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
      expect(seen.size, `only ${[...seen.keys()]}`).to.be.greaterThan(8);
      expect(await world.assertions.isPending(1n)).to.equal(true);
    });
  }
});
