import {
  chunkEvaluation,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  headerHash,
  NOOP,
  splitEvaluation,
} from '@quittance/protocol';
import { expect } from 'chai';
import { type ContractTransactionResponse, getCreateAddress } from 'ethers';
import { type BuiltBatch, buildBatch, submit, submitArguments, transfer } from '../support/contracts/batch.ts';
import { deployContract, finalNumber, latestTime, readHeader, rollupFixture } from '../support/contracts/deployment.ts';
import { evmProof } from '../support/contracts/evm-proof.ts';
import { refuses } from '../support/contracts/refusal.ts';

type Mutable<T> = T extends Uint8Array | bigint | number | string
  ? T
  : { -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? Mutable<U>[] : Mutable<T[K]> };

describe('Rollup.submitBatch', () => {
  const fixture = rollupFixture();

  const threeChunks = async (): Promise<Mutable<BuiltBatch>> =>
    buildBatch(fixture.world, {
      parent: fixture.world.genesis,
      time: await latestTime(fixture.world),
      chunks: [[transfer(1, 2), transfer(2, 3)], [transfer(4, 5)], []],
    }) as Mutable<BuiltBatch>;

  const refusesProof = (sent: Promise<ContractTransactionResponse>) => refuses(fixture.world, sent, 'InvalidProof');

  it('makes a batch of three chunks final and emits the header that TypeScript computes', async () => {
    const { world } = fixture;
    const built = await threeChunks();
    await submit(world, built);
    expect(await readHeader(world.rollup, 1)).to.deep.equal(built.header);
    expect(await world.rollup.headerHash(1)).to.equal(headerHash(built.header));
    expect(await world.rollup.finalState()).to.deep.equal([1n, 0n, 0n]);
  });

  it('makes further batches final on the one before, of the most and of the least chunks', async () => {
    const { world } = fixture;
    const first = await threeChunks();
    await submit(world, first);
    const second = buildBatch(world, { parent: first.header, time: first.header.time, chunks: [[]] });
    await submit(world, second);
    expect(await readHeader(world.rollup, 2)).to.deep.equal(second.header);
  });

  describe('refuses a caller', () => {
    it('that is no producer', async () => {
      const { world } = fixture;
      await refuses(world, submit(world, await threeChunks(), world.alice), 'NotProducer', world.alice.address);
    });

    it('that is a contract', async () => {
      const { world } = fixture;
      const forwarder = await deployContract(world.ethers, 'Forwarder');
      await world.rollup.setProducer(await forwarder.getAddress(), true);
      const data = world.rollup.interface.encodeFunctionData('submitBatch', submitArguments(await threeChunks()));
      await refuses(
        world,
        forwarder.forward(await world.rollup.getAddress(), data),
        'CallerNotPlainAccount',
        await forwarder.getAddress(),
        world.owner.address,
      );
    });

    it('that is a contract without code yet, since it is being deployed', async () => {
      const { world } = fixture;
      const { alice, rollup, ethers } = world;
      const data = rollup.interface.encodeFunctionData('submitBatch', submitArguments(await threeChunks()));
      const caller = getCreateAddress({ from: alice.address, nonce: await alice.getNonce() });
      await rollup.setProducer(caller, true);
      await refuses(
        world,
        ethers.deployContract('CallInConstructor', [await rollup.getAddress(), data], alice),
        'CallerNotPlainAccount',
        caller,
        alice.address,
      );
    });

    it('that has delegated its account to code', async () => {
      const { world } = fixture;
      const forwarder = await deployContract(world.ethers, 'Forwarder');
      await world.ethers.provider.send('hardhat_setCode', [
        world.producer.address,
        `0xef0100${(await forwarder.getAddress()).slice(2)}`,
      ]);
      await refuses(
        world,
        submit(world, await threeChunks()),
        'CallerNotPlainAccount',
        world.producer.address,
        world.producer.address,
      );
    });
  });

  describe('refuses a parent', () => {
    it('with any field changed', async () => {
      const { world } = fixture;
      const built = await threeChunks();
      const changes = [
        { number: 1 },
        { time: world.genesis.time - 1 },
        { parentHash: `0x${'11'.repeat(32)}` },
        { stateRoot: world.genesis.stateRoot + 1n },
        { chunksHash: `0x${'11'.repeat(32)}` },
        { withdrawalsRoot: `0x${'11'.repeat(32)}` },
        { withdrawalCount: 1 },
        { priorityCount: 1 },
        { transferToNewCount: 1 },
      ];
      expect(changes.length).to.equal(Object.keys(world.genesis).length);
      for (const change of changes) {
        const parent = { ...world.genesis, ...change };
        await refuses(
          world,
          submit(world, { ...built, parent }),
          'WrongParent',
          headerHash(world.genesis),
          headerHash(parent),
        );
      }
    });

    it('that is final but not the last', async () => {
      const { world } = fixture;
      const first = await threeChunks();
      await submit(world, first);
      const fork = buildBatch(world, { parent: world.genesis, time: first.header.time, chunks: [[]], roots: [7n] });
      await refuses(world, submit(world, fork), 'WrongParent', headerHash(first.header), headerHash(world.genesis));
    });
  });

  describe('refuses a time', () => {
    const at = (time: number) => buildBatch(fixture.world, { parent: fixture.world.genesis, time, chunks: [[]] });

    it('before the parent, and takes the same second', async () => {
      const { world } = fixture;
      const { time } = world.genesis;
      await refuses(world, submit(world, at(time - 1)), 'BatchBeforeParent', time, time - 1);
      await submit(world, at(time));
    });

    it('in the future, and takes the time of the block', async () => {
      const { world } = fixture;
      const next = (await latestTime(world)) + 10;
      await world.l1.networkHelpers.time.setNextBlockTimestamp(next);
      await refuses(fixture.world, submit(world, at(next + 1)), 'BatchInFuture', next, next + 1);
      await world.l1.networkHelpers.time.setNextBlockTimestamp(next + 1);
      await submit(world, at(next + 1));
    });

    it('too far back, and takes the oldest', async () => {
      const { world } = fixture;
      const { time } = world.genesis;
      const last = time + world.parameters.maxBatchAge;
      await world.l1.networkHelpers.time.setNextBlockTimestamp(last + 1);
      await refuses(world, submit(world, at(time)), 'BatchTooOld', time + 1, time);
    });

    it('takes a batch of exactly the greatest age', async () => {
      const { world } = fixture;
      const { time } = world.genesis;
      await world.l1.networkHelpers.time.setNextBlockTimestamp(time + world.parameters.maxBatchAge);
      await submit(world, at(time));
    });
  });

  describe('refuses a shape', () => {
    it('of another number', async () => {
      const built = await threeChunks();
      built.batch.number = 2;
      await refuses(fixture.world, submit(fixture.world, built), 'WrongBatchNumber', 1, 2);
    });

    it('of no chunks and of more than the most', async () => {
      const { world } = fixture;
      const built = await threeChunks();
      await refuses(world, submit(world, { ...built, visible: [] }), 'WrongChunkCount', 3, 0);
      const four = buildBatch(world, { parent: world.genesis, time: built.header.time, chunks: [[], [], [], []] });
      await refuses(world, submit(world, four), 'WrongChunkCount', 3, 4);
    });

    it('with a list of another length', async () => {
      const { world } = fixture;
      const built = await threeChunks();
      for (const list of ['roots', 'commitments', 'feeTokens'] as const) {
        const expected = list === 'roots' ? 4 : 3;
        const longer = { ...built.batch, [list]: [...built.batch[list], 1n] };
        const shorter = { ...built.batch, [list]: built.batch[list].slice(1) };
        await refuses(
          world,
          submit(world, { ...built, batch: longer }),
          'WrongListLength',
          list,
          expected,
          expected + 1,
        );
        await refuses(
          world,
          submit(world, { ...built, batch: shorter }),
          'WrongListLength',
          list,
          expected,
          expected - 1,
        );
      }
      await refuses(
        world,
        submit(world, { ...built, proofs: built.proofs.slice(1) }),
        'WrongListLength',
        'proofs',
        3,
        2,
      );
      await refuses(
        world,
        submit(world, { ...built, proofs: [...built.proofs, built.proofs[0]!] }),
        'WrongListLength',
        'proofs',
        3,
        4,
      );
    });
  });

  describe('refuses a root', () => {
    it('that is not the parent’s at the start', async () => {
      const { world } = fixture;
      const built = await threeChunks();
      built.batch.roots[0]! += 1n;
      await refuses(
        world,
        submit(world, built),
        'WrongFirstRoot',
        world.genesis.stateRoot,
        world.genesis.stateRoot + 1n,
      );
    });

    it('that was changed in the middle or at the end', async () => {
      for (const position of [1, 2, 3]) {
        const built = await threeChunks();
        built.batch.roots[position]! += 1n;
        await refusesProof(submit(fixture.world, built));
      }
    });

    it('that is not below r, though it is the same modulo r', async () => {
      const built = await threeChunks();
      built.batch.roots[2]! += FIELD_MODULUS;
      await refuses(
        fixture.world.verifier,
        submit(fixture.world, built),
        'InputNotInField',
        1,
        1,
        built.batch.roots[2],
      );
    });
  });

  describe('refuses a commitment', () => {
    it('that was changed', async () => {
      const built = await threeChunks();
      built.batch.commitments[1]! += 1n;
      await refusesProof(submit(fixture.world, built));
    });

    it('that is not below r', async () => {
      const built = await threeChunks();
      built.batch.commitments[1] = FIELD_MODULUS;
      await refuses(fixture.world.verifier, submit(fixture.world, built), 'InputNotInField', 1, 2, FIELD_MODULUS);
    });
  });

  describe('fee tokens', () => {
    const bits = 33n;
    const pack = (tokens: bigint[]) =>
      tokens.reduce((packed, token, position) => packed | (token << (bits * BigInt(position))), 0n);
    const with_ = async (feeTokens: bigint) => {
      const built = await threeChunks();
      built.batch.feeTokens[1] = feeTokens;
      return built;
    };

    it('are taken in ascending order with the filler at the end', async () => {
      const { world } = fixture;
      for (const feeTokens of [
        [0n, 1n, 2n, 3n],
        [0n, 5n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER],
        [2n ** 32n - 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER],
      ]) {
        const parent = await readHeader(world.rollup, await finalNumber(world));
        await submit(world, buildBatch(world, { parent, time: parent.time, chunks: [[]], feeTokens: [feeTokens] }));
      }
    });

    for (const [name, feeTokens] of [
      ['equal', pack([1n, 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER])],
      ['descending', pack([2n, 1n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER])],
      ['behind the filler', pack([1n, FEE_TOKEN_FILLER, 2n, FEE_TOKEN_FILLER])],
      ['above the filler', pack([1n, 2n, 3n, FEE_TOKEN_FILLER + 1n])],
      ['above the filler and equal', pack(Array.from({ length: 4 }, () => FEE_TOKEN_FILLER + 1n))],
      ['beyond 132 bits', pack([1n, 2n, 3n, 4n]) | (1n << 132n)],
      ['zero', 0n],
    ] as const) {
      it(`are refused when ${name}`, async () => {
        await refuses(fixture.world, submit(fixture.world, await with_(feeTokens)), 'WrongFeeTokens', 1, feeTokens);
      });
    }

    it('are part of what is proven', async () => {
      await refusesProof(submit(fixture.world, await with_(pack([1n, 2n, 3n, 4n]))));
    });
  });

  describe('refuses a proof', () => {
    it('of which any word was changed', async () => {
      const words = Object.keys((await threeChunks()).proofs[0]!) as (keyof BuiltBatch['proofs'][number])[];
      expect(words.length).to.equal(8);
      for (const word of words) {
        const built = await threeChunks();
        built.proofs[1] = { ...built.proofs[1]!, [word]: built.proofs[1]![word] + 1n };
        await refusesProof(submit(fixture.world, built));
      }
    });

    it('that stands in the place of another chunk’s', async () => {
      const built = await threeChunks();
      await refusesProof(
        submit(fixture.world, { ...built, proofs: [built.proofs[1]!, built.proofs[0]!, built.proofs[2]!] }),
      );
    });

    it('of the same chunk for another contract, batch number or chunk position', async () => {
      const { world } = fixture;
      const time = await latestTime(world);
      const content = { parent: world.genesis, time, chunks: [[transfer(1, 2)], [transfer(1, 2)]], roots: [1n, 1n] };
      const built = buildBatch(world, content);
      const other = { ...world.deployment, contract: world.alice.address };
      await refusesProof(
        submit(world, { ...built, proofs: buildBatch({ ...world, deployment: other }, content).proofs }),
      );
      const otherChain = { ...world.deployment, chainId: 1n };
      await refusesProof(
        submit(world, { ...built, proofs: buildBatch({ ...world, deployment: otherChain }, content).proofs }),
      );
      const otherNumber = { ...content, parent: { ...world.genesis, number: 1 } };
      await refusesProof(submit(world, { ...built, proofs: buildBatch(world, otherNumber).proofs }));
      await submit(world, built);
    });
  });

  it('refuses chunks in another order, though each has its proof', async () => {
    const built = await threeChunks();
    await refusesProof(
      submit(fixture.world, {
        ...built,
        chunks: [built.chunks[1]!, built.chunks[0]!, built.chunks[2]!],
        proofs: [built.proofs[1]!, built.proofs[0]!, built.proofs[2]!],
      }),
    );
  });

  it('proves the batch time: a proof for another second is refused', async () => {
    await fixture.world.l1.networkHelpers.mine();
    const built = await threeChunks();
    built.batch.time -= 1;
    await refusesProof(submit(fixture.world, built));
  });

  describe('draws z from both sides: refuses a proof made for the z before', () => {
    const CHALLENGE = 3;
    /** A batch of one chunk whose proof is right for the given changes of its inputs. */
    const proveFor = async (
      chunks: Parameters<typeof buildBatch>[1]['chunks'],
      inputs: (row: bigint[]) => bigint[],
    ) => {
      const { world } = fixture;
      const built = buildBatch(world, { parent: world.genesis, time: await latestTime(world), chunks });
      built.proofs[0] = evmProof(world.simulator.prove(inputs(built.inputs[0]!)));
      return built;
    };
    const plain = [[transfer(1, 2), transfer(2, 3)]];

    it('of another commitment', async () => {
      const built = await proveFor(plain, (row) => row.with(2, row[2]! + 1n));
      built.batch.commitments[0]! += 1n;
      await refusesProof(submit(fixture.world, built));
    });

    it('of another root', async () => {
      const built = await proveFor(plain, (row) => row.with(1, row[1]! + 1n));
      built.batch.roots[1]! += 1n;
      await refusesProof(submit(fixture.world, built));
    });

    it('of other records, with a value at z that matches them', async () => {
      const { world } = fixture;
      const honest = await proveFor(plain, (row) => row);
      const z = honest.inputs[0]![CHALLENGE]!;
      const forged = [transfer(1, 2), transfer(2, 4)];
      const { yLow, yHigh } = splitEvaluation(chunkEvaluation([...forged, NOOP, NOOP], z));
      const built = await proveFor([forged], (row) => row.with(CHALLENGE, z).with(4, yLow).with(5, yHigh));
      await refusesProof(submit(world, built));
    });
  });

  it('binds the simulated proof to its inputs', async () => {
    const { world } = fixture;
    const built = await threeChunks();
    const wrong = built.inputs.map((row) => evmProof(world.simulator.prove(row.map((input) => input + 1n))));
    await refusesProof(submit(world, { ...built, proofs: wrong }));
  });
});
