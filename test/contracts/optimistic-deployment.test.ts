import { DEPOSIT_RESERVE_LEAVES, genesisHeader, L1_DEFAULTS, MIN_WINDOWS } from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import {
  type DeployedOptimistic,
  type DeploymentOptions,
  deployContract,
  deployOptimistic,
  deployRollup,
} from '../support/contracts/deployment.ts';
import { deployLinked } from '../support/contracts/linked.ts';
import { refuses } from '../support/contracts/refusal.ts';

const PERIODS = { challengePeriod: 3_000, answerWindow: 200, stepWindow: 10 };
const WAIT = 3_210;
const DAY = 86_400;
const MOST_CHUNKS = 64;

describe('deployment of optimistic mode', () => {
  let world: DeployedOptimistic;

  before(async () => {
    world = await deployOptimistic({ optimistic: PERIODS });
  });

  /** Deploys again with other parameters. */
  const redeploy = async ({ optimistic, ...changes }: DeploymentOptions) => {
    const parameters = {
      ...world.parameters,
      ...changes,
      optimistic: { ...world.parameters.optimistic, ...optimistic },
    };
    return deployContract(world.ethers, 'Rollup', [parameters]);
  };
  const refusesParameter = (changes: DeploymentOptions, name: string, value: bigint | number) =>
    refuses(world.rollup, redeploy(changes), 'InvalidParameter', name, value);

  it('gives rollup and assertions each other’s address and the times and bonds', async () => {
    const { rollup, assertions, parameters } = world;
    expect(await rollup.assertions()).to.equal(await assertions.getAddress());
    expect(await assertions.rollup()).to.equal(await rollup.getAddress());
    for (const [name, value] of Object.entries(parameters.optimistic)) {
      expect(await assertions.getFunction(name)(), name).to.equal(BigInt(value));
    }
    expect(await assertions.pendingRange()).to.deep.equal([0n, 0n]);
    expect(await assertions.isFinalizable()).to.equal(false);
  });

  it('fits the limit of 24,576 bytes of code in each contract', async () => {
    const { ethers, rollup, assertions, parameters } = world;
    for (const address of [await rollup.getAddress(), await assertions.getAddress(), parameters.assertionsFactory]) {
      const code = await ethers.provider.getCode(address);
      expect((code.length - 2) / 2).to.be.within(1, 24_576);
    }
  });

  it('is refused with a time, a bond or a number of waiting batches of 0', async () => {
    for (const name of ['challengePeriod', 'answerWindow', 'stepWindow', 'maxPending'] as const) {
      await refusesParameter({ optimistic: { [name]: 0 } }, name, 0);
    }
    for (const name of ['assertionBond', 'disputeBond'] as const) {
      await refusesParameter({ optimistic: { [name]: 0n } }, name, 0);
    }
  });

  it('is refused on a chain with value with windows that their transactions may not fit into', async () => {
    const { challengePeriodSeconds, answerWindowSeconds, stepWindowSeconds } = MIN_WINDOWS;
    const least = {
      challengePeriod: challengePeriodSeconds,
      answerWindow: answerWindowSeconds,
      stepWindow: stepWindowSeconds,
    };
    const { ethers, rollup, parameters } = await deployOptimistic({ chainId: 1, optimistic: least });
    for (const name of ['challengePeriod', 'answerWindow', 'stepWindow'] as const) {
      const optimistic = { ...parameters.optimistic, [name]: least[name] - 1 };
      await refuses(
        rollup,
        deployContract(ethers, 'Rollup', [{ ...parameters, optimistic }]),
        'InvalidParameter',
        name,
        least[name] - 1,
      );
    }
    // Locally a second is enough.
    await redeploy({ optimistic: { challengePeriod: 1, answerWindow: 1, stepWindow: 1 } });
  });

  it('is refused with blobs and windows of more than 14 days together, which a blob may not outlast', async () => {
    const challengePeriod = 14 * DAY - (WAIT - PERIODS.challengePeriod);
    const delays = { livenessTimeout: 20 * DAY, exodusDelay: 30 * DAY };
    const longer = { ...delays, optimistic: { challengePeriod: challengePeriod + 1 } };
    await refusesParameter(longer, 'challengePeriod', challengePeriod + 1);
    await redeploy({ ...longer, blobsAllowed: false });
    await redeploy({ ...delays, optimistic: { challengePeriod } });
  });

  it('is refused with a liveness timeout that an honest batch may wait', async () => {
    await refusesParameter({ livenessTimeout: WAIT }, 'livenessTimeout', WAIT);
    await redeploy({ livenessTimeout: WAIT + 1 });
  });

  it('is refused with an exodus delay in which an honest batch may not become final', async () => {
    const { priorityDelaySeconds, maxBatchAgeSeconds } = L1_DEFAULTS;
    const least = priorityDelaySeconds + maxBatchAgeSeconds + WAIT;
    await refusesParameter({ exodusDelay: least }, 'exodusDelay', least);
    await redeploy({ exodusDelay: least + 1 });
  });

  it('is refused with more waiting slots than deposits leave leaves free', async () => {
    const [slotsPerChunk, maxChunks] = [1_024, 8];
    const most = DEPOSIT_RESERVE_LEAVES / (slotsPerChunk * maxChunks);
    await refusesParameter({ slotsPerChunk, maxChunks, optimistic: { maxPending: most + 1 } }, 'maxPending', most + 1);
    await redeploy({ slotsPerChunk, maxChunks, optimistic: { maxPending: most } });
  });

  it('is refused with more chunks than an assertion has bits for', async () => {
    await refusesParameter({ maxChunks: MOST_CHUNKS + 1 }, 'maxChunks', MOST_CHUNKS + 1);
    await redeploy({ maxChunks: MOST_CHUNKS });
  });

  it('is refused with a step verifier that has no code', async () => {
    await refuses(
      world.rollup,
      deployLinked(world.ethers, 'AssertionsFactory', [world.alice.address]),
      'InvalidParameter',
      'stepVerifier',
      BigInt(world.alice.address),
    );
  });

  it('is left out without a factory, whatever the times and bonds', async () => {
    const { rollup } = await deployRollup({ livenessTimeout: 1 });
    expect(await rollup.assertions()).to.equal(ZeroAddress);
  });

  it('lets nobody but the assertions make an asserted batch final', async () => {
    const header = { ...genesisHeader(1n, world.genesis.time), number: 1 };
    for (const { rollup, alice } of [world, await deployRollup()]) {
      await refuses(
        rollup,
        rollup.finalizeAsserted(header, alice.address),
        'NotAssertions',
        ((await rollup.runner) as unknown as { address: string }).address,
      );
    }
  });
});
