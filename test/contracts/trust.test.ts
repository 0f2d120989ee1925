/** Contracts that others rely on: what they answer is checked when they are deployed with, and each time after. */

import { emptyNodes, portableHasher, ZERO_BYTES32 } from '@quittance/protocol';
import { expect } from 'chai';
import { type BaseContract, id } from 'ethers';
import { buildBatch, submit } from '../support/contracts/batch.ts';
import {
  type DeployedRollup,
  deployContract,
  deployRollup,
  finalNumber,
  readHeader,
} from '../support/contracts/deployment.ts';
import { evmVerifyingKey } from '../support/contracts/evm-proof.ts';
import { deployLinked } from '../support/contracts/linked.ts';
import { refuses } from '../support/contracts/refusal.ts';
import { typed } from '../support/contracts/types.ts';
import { assertBatch, buildOn, sendProofs, sendProven } from '../support/optimistic/calls.ts';
import { assertionsFixture } from '../support/optimistic/fixture.ts';

/** `verify`'s selector, in a word: the one answer that is a yes. */
const YES = `${id('verify(uint256[9][],(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256)[])').slice(0, 10)}${'00'.repeat(28)}`;
const ONE = `0x${'00'.repeat(31)}01`;
/** Answers that are no yes, with what the error says of them. */
const WRONG_ANSWERS = [
  ['nothing', '0x', 0],
  ['the number 1', ONE, 32],
  ['zeros', ZERO_BYTES32, 32],
  ['a word with one bit more', `${YES.slice(0, -1)}1`, 32],
  ['four bytes', YES.slice(0, 10), 4],
  ['a word and more', `${YES}${ZERO_BYTES32.slice(2)}`, 64],
] as const;

const EMPTY_ROOT = emptyNodes(portableHasher)[0]!.toString(16).padStart(64, '0');

const addressOf = async (contract: BaseContract) => BigInt(await contract.getAddress());

describe('a verifier', () => {
  let world: DeployedRollup;
  before(async () => {
    world = await deployRollup();
  });

  const deployWith = (verifier: string) => deployContract(world.ethers, 'Rollup', [{ ...world.parameters, verifier }]);

  it('is refused at deployment when it takes a wrong proof, with whatever answer, or refuses it for another reason', async () => {
    for (const [what, answer] of [...WRONG_ANSWERS, ['a yes', YES]] as const) {
      const changing = await deployContract(world.ethers, 'ChangingContract', [false, answer]);
      await expect(deployWith(await changing.getAddress()), what)
        .to.be.revertedWithCustomError(world.rollup, 'InvalidParameter')
        .withArgs('verifier', await addressOf(changing));
    }
    // It has no such function, and reverts without a reason.
    await refuses(
      world.rollup,
      deployWith(await world.poseidon.getAddress()),
      'InvalidParameter',
      'verifier',
      await addressOf(world.poseidon),
    );
    await refuses(
      world.rollup,
      deployWith(world.alice.address),
      'InvalidParameter',
      'verifier',
      BigInt(world.alice.address),
    );
  });

  it('of any key refuses the wrong proof that a deployment shows it', async () => {
    const key = evmVerifyingKey(world.simulator.verifyingKey);
    const verifier = await deployContract(world.ethers, 'Groth16BatchVerifier', [key, true]);
    await deployWith(await verifier.getAddress());
  });

  it('that answers anything but the one yes later takes no batch', async () => {
    const changing = await deployContract(world.ethers, 'ChangingContract', [true, '0x']);
    const rollup = await deployWith(await changing.getAddress());
    const own = { ...world, rollup };
    const parent = await readHeader(rollup, 0);
    const built = buildBatch(world, { parent, time: parent.time, chunks: [[]] });
    for (const [what, answer, size] of WRONG_ANSWERS) {
      await changing.change(false, answer);
      await expect(submit(own, built), what)
        .to.be.revertedWithCustomError(rollup, 'WrongVerifierAnswer')
        .withArgs(await changing.getAddress(), size, (word: string) => size < 32 || answer.startsWith(word));
    }
    expect(await finalNumber(own)).to.equal(0);
    await changing.change(false, YES);
    await submit(own, built);
    expect(await finalNumber(own)).to.equal(1);
  });
});

describe('a verifier of waiting batches', () => {
  const fixture = assertionsFixture({}, async (world, tip) => {
    const built = await buildOn(world, tip, [{ slots: [] }]);
    const next = await buildOn(world, built, [{ slots: [] }]);
    return { built, next };
  });

  it('that answers anything but the one yes proves nothing', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, prepared.built);
    const changing = await deployContract(world.ethers, 'ChangingContract', [false, '0x']);
    const code = await world.ethers.provider.getCode(await changing.getAddress());
    const verifier = await world.verifier.getAddress();
    await world.l1.provider.request({ method: 'hardhat_setCode', params: [verifier, code] });
    const asChanging = typed('ChangingContract', changing.attach(verifier) as BaseContract);
    for (const [what, answer, size] of WRONG_ANSWERS.filter(([, , bytes]) => bytes <= 32)) {
      await asChanging.change(false, answer);
      for (const sent of [sendProven(world, prepared.next), sendProofs(world, 1n, prepared.built)]) {
        await (size === 32 && answer.endsWith('00'.repeat(28))
          ? expect(sent, what)
              .to.be.revertedWithCustomError(world.assertions, 'WrongVerifierAnswer')
              .withArgs(verifier, 32, answer)
          : expect(sent, what).to.be.revertedWithoutReason(world.ethers));
      }
    }
  });
});

describe('a step verifier', () => {
  const fixture = assertionsFixture({});

  it('is refused at deployment when it has no code, answers nothing, or calls everything valid', async () => {
    const { world } = fixture;
    const valid = `0x${'00'.repeat(32)}${EMPTY_ROOT}${'00'.repeat(4 * 32)}`;
    for (const answer of ['0x', ZERO_BYTES32, valid]) {
      const changing = await deployContract(world.ethers, 'ChangingContract', [false, answer]);
      await refuses(
        world.rollup,
        deployLinked(world.ethers, 'AssertionsFactory', [await changing.getAddress()]),
        'InvalidParameter',
        'stepVerifier',
        await addressOf(changing),
      );
    }
    await refuses(
      world.rollup,
      deployLinked(world.ethers, 'AssertionsFactory', [world.alice.address]),
      'InvalidParameter',
      'stepVerifier',
      BigInt(world.alice.address),
    );
  });

  it('is made by a factory, which must create assertions of this rollup', async () => {
    const { world } = fixture;
    for (const created of [world.alice.address, await world.assertions.getAddress()]) {
      const factory = await deployContract(world.ethers, 'ChangingContract', [
        false,
        `0x${created.slice(2).padStart(64, '0')}`,
      ]);
      const parameters = { ...world.parameters, assertionsFactory: await factory.getAddress() };
      await refuses(
        world.rollup,
        deployContract(world.ethers, 'Rollup', [parameters]),
        'InvalidParameter',
        'assertionsFactory',
        await addressOf(factory),
      );
    }
  });
});
