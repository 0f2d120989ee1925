import { L1_DEFAULTS, OPTIMISTIC_DEFAULTS, PROFILES } from '@quittance/protocol';
import { expect } from 'chai';
import { Interface } from 'ethers';
import rollupModule from '../../cli/deploy/modules/Rollup.ts';
import zkRollupModule from '../../cli/deploy/modules/ZkRollup.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { evmVerifyingKey } from '../support/contracts/evm-proof.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { typed } from '../support/contracts/types.ts';

const verifyingKey = evmVerifyingKey(createGroth16Simulator('ignition').verifyingKey);
const ZERO_ADDRESS = '0x0000000000000000000000000000000000000000';
const DELAY_SECONDS = 3600;

describe('deployment by Ignition', () => {
  it('gives a rollup with the standard profile, owned by a timelock', async () => {
    const { ignition } = await createL1();
    const { poseidon, timelock, ...deployed } = await ignition.deploy(rollupModule, {
      parameters: { Rollup: { verifyingKey, isDevelopmentKey: true } },
    });
    const rollup = typed('Rollup', deployed.rollup);
    const verifier = typed('Groth16BatchVerifier', deployed.verifier);
    expect(await rollup.owner()).to.equal(await timelock.getAddress());
    expect(await rollup.verifier()).to.equal(await verifier.getAddress());
    expect(await rollup.poseidon()).to.equal(await poseidon.getAddress());
    expect(await rollup.slotsPerChunk()).to.equal(BigInt(PROFILES.standard.slotsPerChunk));
    expect(await rollup.maxChunks()).to.equal(BigInt(PROFILES.standard.maxChunks));
    expect(await rollup.priorityDelay()).to.equal(BigInt(L1_DEFAULTS.priorityDelaySeconds));
    expect(await verifier.isDevelopmentKey()).to.equal(true);
  });

  it('gives it assertions with the default times and bonds, which belong to it', async () => {
    const { ignition } = await createL1();
    const deployed = await ignition.deploy(rollupModule, {
      parameters: { Rollup: { verifyingKey, isDevelopmentKey: true } },
    });
    const rollup = typed('Rollup', deployed.rollup);
    const assertions = typed('Assertions', deployed.assertions);
    expect(await rollup.assertions()).to.equal(await assertions.getAddress());
    expect(await assertions.rollup()).to.equal(await rollup.getAddress());
    expect({
      challengePeriodSeconds: Number(await assertions.challengePeriod()),
      answerWindowSeconds: Number(await assertions.answerWindow()),
      stepWindowSeconds: Number(await assertions.stepWindow()),
      assertionBondWei: await assertions.assertionBond(),
      disputeBondWei: await assertions.disputeBond(),
      maxPending: Number(await assertions.maxPending()),
    }).to.deep.equal(OPTIMISTIC_DEFAULTS);
  });

  it('leaves optimistic mode out where the module without it is deployed', async () => {
    const { ignition } = await createL1();
    const { rollup } = await ignition.deploy(zkRollupModule, {
      parameters: { ZkRollup: { verifyingKey, isDevelopmentKey: true } },
    });
    expect(await typed('Rollup', rollup).assertions()).to.equal(ZERO_ADDRESS);
  });

  it('lets the owner’s changes wait for the delay, and nobody skip it', async () => {
    const { ignition, ethers, networkHelpers } = await createL1();
    const [proposer, producer] = await ethers.getSigners();
    const deployed = await ignition.deploy(rollupModule, {
      parameters: { Rollup: { verifyingKey, isDevelopmentKey: true, ownerDelay: DELAY_SECONDS } },
    });
    const rollup = typed('Rollup', deployed.rollup);
    const timelock = typed('TimelockController', deployed.timelock);
    const admit = ['setProducer', [producer!.address, true]] as const;
    await refuses(rollup, rollup.setProducer(...admit[1]), 'OwnableUnauthorizedAccount', proposer!.address);

    const data = new Interface(['function setProducer(address, bool)']).encodeFunctionData(...admit);
    const call = [await rollup.getAddress(), 0, data, ethers.ZeroHash, ethers.ZeroHash] as const;
    await expect(timelock.schedule(...call, DELAY_SECONDS - 1)).to.be.revertedWithCustomError(
      timelock,
      'TimelockInsufficientDelay',
    );
    await timelock.schedule(...call, DELAY_SECONDS);
    await expect(timelock.execute(...call)).to.be.revertedWithCustomError(timelock, 'TimelockUnexpectedOperationState');
    await networkHelpers.time.increase(DELAY_SECONDS);
    await timelock.execute(...call);
    expect(await rollup.isProducer(producer!.address)).to.equal(true);
  });
});
