import { expect } from 'chai';
import { deployContract, deployOptimistic } from '../../support/contracts/deployment.ts';
import { drain, exodus } from '../../support/play/ends.ts';
import { randomCall } from '../../support/play/fuzz.ts';
import { AssertionsPlay } from '../../support/play/play.ts';
import { checkMoney } from '../../support/play/rollup-calls.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';
import { createPerson } from '../../support/rollup/person.ts';

const CALLS = 300;
/** Odd bonds, so that halves do not come out even; short times, so that all clocks run out often. */
const OPTIONS = {
  slotsPerChunk: 6,
  maxChunks: 2,
  maxBatchAge: 3_600,
  priorityDelay: 10_000,
  livenessTimeout: 8_000,
  exodusDelay: 30_000,
  optimistic: {
    challengePeriod: 3_600,
    answerWindow: 1_800,
    stepWindow: 1_800,
    assertionBond: 1_000_001n,
    disputeBond: 501n,
    maxPending: 5,
  },
};

async function createPlay(seed: number): Promise<AssertionsPlay> {
  const world = await deployOptimistic(OPTIONS);
  const { rollup, ethers, owner, alice } = world;
  await rollup.setProducer(alice.address, true);
  const token = await deployContract(ethers, 'TestToken', ['Test', 'TST']);
  await rollup.registerToken(await token.getAddress());
  await token.mint(owner.address, 10n ** 30n);
  await token.approve(await rollup.getAddress(), 10n ** 30n);
  const people = ['ann', 'ben', 'cat'].map(createPerson);
  return AssertionsPlay.create({ world, random: createRandom(seed), people, token });
}

/** Calls that the fixed seeds must have seen taken and refused, or they would show little. */
const TAKEN_AND_REFUSED = [
  'assertBatch',
  'submitProven',
  'submitProofs',
  'finalizeBatches',
  'openDispute',
  'answerDispute',
  'rejectUnanswered',
  'proveStep',
  'settleDispute',
  'releaseBond',
  'collectCredit',
  'collectFees',
  'activateExodus',
];

describe('random calls of optimistic mode', () => {
  const tally = new Map<string, { taken: number; refused: number }>();

  for (const [position, end] of [drain, exodus].entries()) {
    const seed = propertySeed() + position;
    it(`keep every bond and all money, and let no lie become final, until the ${end.name} (seed ${seed})`, async () => {
      const play = await createPlay(seed);
      for (let call = 0; call < CALLS; call += 1) {
        try {
          await randomCall(play);
          await checkMoney(play);
        } catch (error) {
          throw new Error(`call ${call} of seed ${seed}, ${play.last}: ${(error as Error).message}`, { cause: error });
        }
      }
      await end(play);
      for (const [name, { taken, refused }] of play.tally) {
        const before = tally.get(name) ?? { taken: 0, refused: 0 };
        tally.set(name, { taken: before.taken + taken, refused: before.refused + refused });
      }
    });
  }

  // What other seeds reach is chance.
  if (process.env['QUITTANCE_TEST_SEED'] !== undefined) return;
  it('were taken and refused, each kind, by the fixed seeds', () => {
    for (const name of TAKEN_AND_REFUSED) {
      expect(tally.get(name)?.taken, `${name} taken`).to.be.greaterThan(0);
      expect(tally.get(name)?.refused, `${name} refused`).to.be.greaterThan(0);
    }
  });
});
