import { L1_DEFAULTS, packOwnerAndToken, RecordKind, ZERO_BYTES32 } from '@quittance/protocol';
import { expect } from 'chai';
import { buildBatch, record, submit } from '../support/contracts/batch.ts';
import { deployContract, deployRollup, latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { connectedTo, type RollupContract } from '../support/contracts/types.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;

describe('the owner', () => {
  const fixture = rollupFixture();

  it('admits and dismisses producers', async () => {
    const { rollup, alice, producer } = fixture.world;
    await expect(rollup.setProducer(alice.address, true)).to.emit(rollup, 'ProducerSet').withArgs(alice.address, true);
    await rollup.setProducer(producer.address, false);
    expect(await rollup.isProducer(alice.address)).to.equal(true);
    expect(await rollup.isProducer(producer.address)).to.equal(false);
    const built = buildBatch(fixture.world, {
      parent: fixture.world.genesis,
      time: await latestTime(fixture.world),
      chunks: [[]],
    });
    await expect(submit(fixture.world, built)).to.be.revertedWithCustomError(rollup, 'NotProducer');
    await submit(fixture.world, built, alice);
  });

  it('sets the priority fee up to the bound, for later requests', async () => {
    const { rollup } = fixture.world;
    const maximum = L1_DEFAULTS.maxPriorityFeeWei;
    await expect(rollup.setPriorityFee(maximum)).to.emit(rollup, 'PriorityFeeSet').withArgs(maximum);
    await refuses(rollup, rollup.setPriorityFee(maximum + 1n), 'PriorityFeeTooHigh', maximum, maximum + 1n);
    await refuses(rollup, rollup.requestExit(1, 0, { value: FEE }), 'WrongValue', maximum, FEE);
    await rollup.requestExit(1, 0, { value: maximum });
  });

  it('is the only one who may', async () => {
    const { rollup, producer } = fixture.world;
    const other = connectedTo(rollup, producer);
    for (const sent of [() => other.setProducer(producer.address, true), () => other.setPriorityFee(1n)]) {
      await refuses(rollup, sent(), 'OwnableUnauthorizedAccount', producer.address);
    }
  });

  it('can do nothing else: these are all functions that change anything', () => {
    const functions = fixture.world.rollup.interface.fragments
      .filter((fragment) => fragment.type === 'function')
      .map((fragment) => JSON.parse(fragment.format('json')))
      .filter(({ stateMutability }) => stateMutability !== 'view' && stateMutability !== 'pure')
      .map(({ name }) => name)
      .sort();
    expect(functions).to.deep.equal([
      'activateExodus',
      'claimMoves',
      'claimMovesTo',
      'claimWithdrawals',
      'claimWithdrawalsTo',
      'collectFees',
      'collectFeesTo',
      'deposit',
      'executeMoves',
      'exit',
      'exitTo',
      'finalizeAsserted',
      'importMoves',
      'reclaimOperation',
      'reclaimOperationTo',
      'registerDestination',
      'registerToken',
      'renounceOwnership',
      'requestExit',
      'setPriorityFee',
      'setProducer',
      'submitBatch',
      'transferOwnership',
    ]);
  });
});

describe('fees', () => {
  const fixture = rollupFixture();

  it('wait for the producer who collects them, and do not touch what is owed', async () => {
    const { world } = fixture;
    const { rollup, producer, bob } = world;
    await rollup.deposit(0, 10n, 1n, bob.address, { value: 10n + FEE });
    const operation = record(RecordKind.deposit, [1n, packOwnerAndToken(BigInt(bob.address), 0), 10n]);
    await submit(
      world,
      buildBatch(world, { parent: world.genesis, time: await latestTime(world), chunks: [[operation]] }),
    );
    const asProducer = rollup.connect(producer) as RollupContract;
    const sent = asProducer.collectFees();
    await expect(sent).to.changeEtherBalance(world.ethers, producer, FEE);
    await expect(sent).to.emit(rollup, 'FeesCollected').withArgs(producer.address, FEE);
    expect(await rollup.trackedTotal(0)).to.equal(10n);
    expect(await world.ethers.provider.getBalance(await rollup.getAddress())).to.equal(10n);
    await refuses(rollup, asProducer.collectFees(), 'NoFees', producer.address);
  });
});

describe('deployment', () => {
  it('is refused with parameters that cannot work', async () => {
    const reference = await deployRollup();
    const { livenessTimeoutSeconds, priorityDelaySeconds, maxBatchAgeSeconds } = L1_DEFAULTS;
    for (const [options, name, value] of [
      [{ slotsPerChunk: 3 }, 'slotsPerChunk', 3],
      [{ slotsPerChunk: 0 }, 'slotsPerChunk', 0],
      [{ maxChunks: 0 }, 'maxChunks', 0],
      [{ priorityInterval: 0 }, 'priorityInterval', 0],
      [{ verifier: reference.alice.address }, 'verifier', BigInt(reference.alice.address)],
      [{ exodusDelay: livenessTimeoutSeconds }, 'exodusDelay', livenessTimeoutSeconds],
      [
        { exodusDelay: priorityDelaySeconds + maxBatchAgeSeconds },
        'exodusDelay',
        priorityDelaySeconds + maxBatchAgeSeconds,
      ],
    ] as const) {
      await refuses(reference.rollup, deployRollup(options), 'InvalidParameter', name, value);
    }
    await refuses(
      reference.rollup,
      deployRollup({ priorityFee: 2n, maxPriorityFee: 1n }),
      'PriorityFeeTooHigh',
      1n,
      2n,
    );
  });

  it('is refused with a hash that is not the tree’s', async () => {
    const { ethers, parameters, rollup } = await deployRollup();
    const deployWith = (poseidon: string) => deployContract(ethers, 'Rollup', [{ ...parameters, poseidon }]);
    for (const wrong of [
      await ethers.deployContract('WrongPoseidon'),
      await deployContract(ethers, 'ChangingContract', [false, ZERO_BYTES32]),
    ]) {
      const address = await wrong.getAddress();
      await refuses(rollup, deployWith(address), 'InvalidParameter', 'poseidon', BigInt(address));
    }
    const silent = await deployContract(ethers, 'ChangingContract', [false, '0x']);
    await expect(deployWith(await silent.getAddress())).to.be.revertedWithoutReason(ethers);
  });

  it('announces all that is fixed', async () => {
    const { rollup, parameters, ethers } = await deployRollup();
    for (const name of [
      'slotsPerChunk',
      'maxChunks',
      'maxBatchAge',
      'priorityDelay',
      'priorityInterval',
      'livenessTimeout',
      'exodusDelay',
      'priorityFee',
      'maxPriorityFee',
      'owner',
      'verifier',
      'poseidon',
    ] as const) {
      expect(await rollup.getFunction(name)(), name).to.equal(parameters[name]);
    }
    expect(await ethers.provider.getBalance(await rollup.getAddress())).to.equal(0n);
  });
});
