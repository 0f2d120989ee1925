import { expect } from 'chai';
import { DEPOSIT_RESERVE_LEAVES, L1_DEFAULTS } from '../../../protocol/index.ts';
import { deployAssertions } from '../../support/assertions-fixture.ts';
import { type DeploymentOptions, deployRollup, type OptimisticParameters } from '../../support/contracts.ts';

const { maxBatchAgeSeconds: AGE, priorityDelaySeconds: DELAY } = L1_DEFAULTS;
const TIMES = { challengePeriod: 3_600, answerWindow: 1_800, stepWindow: 900 };
const WORST = 3_600 + 1_800 + 900;
/** 4 slots a chunk and 3 chunks a batch, as the tests deploy it. */
const SLOTS = 12;

describe('deployment of optimistic mode', () => {
  const refuses = async (options: DeploymentOptions, name: string, value: number | bigint) => {
    const error = await deployAssertions(options).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error?.message).to.contain(`InvalidParameter("${name}", ${value})`);
  };
  const withMode = (optimistic: Partial<OptimisticParameters>) => ({ optimistic: { ...TIMES, ...optimistic } });

  it('keeps what it was given, and the rollup and its step verifier', async () => {
    const bonds = { assertionBond: 7n, disputeBond: 5n, maxPending: 9 };
    const { assertions, rollup, ethers } = await deployAssertions(withMode(bonds));
    for (const [name, value] of Object.entries({ ...TIMES, ...bonds })) {
      expect(await assertions.getFunction(name)(), name).to.equal(BigInt(value));
    }
    expect(await assertions.getFunction('rollup')()).to.equal(await rollup.getAddress());
    expect(await rollup.getFunction('assertions')()).to.equal(await assertions.getAddress());
    const executor = (await assertions.getFunction('stepVerifier')()) as string;
    expect(await ethers.provider.getCode(executor)).to.not.equal('0x');
    expect(await assertions.getFunction('pendingRange')()).to.deep.equal([0n, 0n]);
  });

  it('is left out when the rollup is deployed without it', async () => {
    const { rollup, ethers, alice, genesis } = await deployRollup();
    expect(await rollup.getFunction('assertions')()).to.equal(ethers.ZeroAddress);
    const { connect } = rollup;
    await expect(connect.call(rollup, alice).getFunction('finalizeAsserted')(genesis, alice.address)).to.revert(ethers);
  });

  it('refuses times and bonds of 0', async () => {
    for (const name of ['challengePeriod', 'answerWindow', 'stepWindow'] as const) {
      await refuses(withMode({ [name]: 0 }), name, 0);
    }
    for (const name of ['assertionBond', 'disputeBond'] as const) await refuses(withMode({ [name]: 0n }), name, 0);
  });

  it('refuses an exodus or an open producing that could come before an honest batch is final', async () => {
    const exodusDelay = DELAY + AGE + WORST;
    await refuses({ ...withMode({}), exodusDelay }, 'exodusDelay', exodusDelay);
    await deployAssertions({ ...withMode({}), exodusDelay: exodusDelay + 1 });
    await refuses({ ...withMode({}), livenessTimeout: WORST }, 'livenessTimeout', WORST);
    await deployAssertions({ ...withMode({}), livenessTimeout: WORST + 1 });
  });

  it('refuses more waiting batches than fit the leaves that deposits leave free, and none at all', async () => {
    const most = Math.floor(DEPOSIT_RESERVE_LEAVES / SLOTS);
    await refuses(withMode({ maxPending: 0 }), 'maxPending', 0);
    // 65,535 is the most that the parameter can say: larger batches reach the limit.
    expect(most).to.be.greaterThan(2 ** 16);
    const wide = { slotsPerChunk: 1_024, maxChunks: 32 };
    await refuses({ ...withMode({ maxPending: 33 }), ...wide }, 'maxPending', 33);
    await deployAssertions({ ...withMode({ maxPending: 32 }), ...wide });
  });

  it('refuses more chunks than an assertion has bits for', async () => {
    await refuses({ ...withMode({}), maxChunks: 33 }, 'maxChunks', 33);
  });

  it('lets nobody but Assertions make headers final in the rollup', async () => {
    const { rollup, alice, genesis } = await deployAssertions(withMode({}));
    const by = rollup.connect(alice) as typeof rollup;
    await expect(by.finalizeAsserted({ ...genesis, number: 1 }, alice.address))
      .to.be.revertedWithCustomError(rollup, 'NotAssertions')
      .withArgs(alice.address);
  });
});
