import { packOwnerAndToken, type RecordErrorCode, RecordKind, stepResultOf } from '@quittance/protocol';
import { expect } from 'chai';
import { record } from '../../support/contracts/batch.ts';
import type { BuiltAssertion, Tip } from '../../support/optimistic/asserted-batch.ts';
import { assertBatch, buildOn, dispute, proveStep, sendAnswer } from '../../support/optimistic/calls.ts';
import type { ChunkScript } from '../../support/optimistic/claimed-chunk.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { chunkOf } from '../../support/optimistic/lie-chunks.ts';
import { HOLDERS, holderAccount, newcomer } from '../../support/optimistic/lie-scene.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import {
  accountAt,
  collectOf,
  noop,
  pretending,
  priorityOf,
  type SlotScript,
  transferOf,
  transferToNewOf,
  withdrawOf,
} from '../../support/optimistic/slot-scripts.ts';
import { findLie } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;
const SLOTS = 4;
const NO_BYTES = () => new Uint8Array();

describe('a lie is overturned by the proof of one step', () => {
  const fixture = assertionsFixture();

  const build = (chunks: readonly ChunkScript[], tip: Tip = fixture.prepared.tip) =>
    buildOn(fixture.world, tip, chunks);

  /** Plays the dispute to its end and checks what L1 found. */
  const overturn = async (built: BuiltAssertion, finding: RecordErrorCode | 'valid', slot: number, chunk = 0) => {
    const { world } = fixture;
    const { assertions, optimistic } = world;
    expect(findLie(built)).to.deep.equal({ chunk, slot });
    await assertBatch(world, built);
    await dispute(world, 1n, built, chunk, { signer: world.alice });
    await sendAnswer(world, 1n, built, chunk);
    const result = finding === 'valid' ? 0 : stepResultOf({ valid: false, code: finding });
    const sent = proveStep(world, built, { assertionId: 1n, chunk, slot });
    await expect(sent).to.emit(assertions, 'StepProven').withArgs(1, chunk, slot, result);
    await expect(sent)
      .to.emit(assertions, 'AssertionRejected')
      .withArgs(1, built.header.number, world.bob.address, false);
    expect(await assertions.creditOf(world.bob.address)).to.equal(optimistic.assertionBond / 2n);
    expect(await assertions.isPending(1n)).to.equal(false);
    expect(await assertions.pendingRange()).to.deep.equal([1n, 1n]);
  };

  for (const { name, finding, script } of LIES) {
    it(`that is ${name}, in the middle of a chunk`, async () => {
      const built = await build([chunkOf(transferOf(bob, alice.index, 1n), script)]);
      await overturn(built, finding, 1);
    });
  }

  for (const [where, slot] of [
    ['first', 0],
    ['last', SLOTS - 1],
  ] as const) {
    for (const chunk of [0, 1]) {
      for (const { name, finding, script } of LIES.filter(
        ({ finding }, position) => finding === 'valid' || position % 7 === 0,
      )) {
        it(`that is ${name}, in the ${where} slot of chunk ${chunk}`, async () => {
          const lying = chunkOf(...Array<SlotScript>(slot).fill(noop), script);
          const built = await build(chunk === 0 ? [lying, chunkOf()] : [chunkOf(), lying]);
          await overturn(built, finding, slot, chunk);
        });
      }
    }
  }

  describe('about authorizations', () => {
    const transfers = [transferOf(alice, bob.index, 5n), transferOf(bob, alice.index, 7n)];

    it('that are missing', async () => {
      await overturn(await build([{ slots: transfers, authorizations: NO_BYTES }]), 'BAD_SIGNATURE', 0);
    });

    it('of which the last one lacks a byte', async () => {
      const built = await build([{ slots: transfers, authorizations: (bytes) => bytes.slice(0, -1) }]);
      await overturn(built, 'BAD_SIGNATURE', 1);
    });

    it('of which the last one is missing', async () => {
      const built = await build([{ slots: transfers, authorizations: (bytes) => bytes.slice(0, 69) }]);
      await overturn(built, 'BAD_SIGNATURE', 1);
    });

    it('in another order', async () => {
      const swap = (bytes: Uint8Array) => Uint8Array.from([...bytes.slice(69), ...bytes.slice(0, 69)]);
      await overturn(await build([{ slots: transfers, authorizations: swap }]), 'BAD_SIGNATURE', 0);
    });

    it('that follow noops and words, which take none', async () => {
      const slots = [noop, transferToNewOf(alice, newcomer, 5n), noop, transferOf(alice, bob.index, 1n)];
      const built = await build([{ slots, authorizations: (bytes) => bytes.with(137, bytes[137]! ^ 1) }]);
      await overturn(built, 'BAD_SIGNATURE', 3);
    });
  });

  it('about fees that are left at the end of the chunk', async () => {
    const built = await build([chunkOf(transferOf(alice, bob.index, 5n, { fee: 3n }))]);
    await overturn(built, 'valid', SLOTS - 1);
  });

  it('about fees that go to somebody who collects nothing', async () => {
    const stolen = pretending(collectOf(bob.index), ({ view }) => ({
      changes: [{ index: alice.index, after: { ...accountAt(view, 1), balance: accountAt(view, 1).balance + 3n } }],
      fees: [0n, 0n, 0n, 0n],
    }));
    await overturn(await build([chunkOf(transferOf(alice, bob.index, 5n, { fee: 3n }), stolen)]), 'valid', 1);
  });

  it('about a fee that is higher than was signed', async () => {
    const dearer = pretending(transferOf(alice, bob.index, 5n, { fee: 3n }), ({ view }) => {
      const [payer, payee] = [accountAt(view, 1), accountAt(view, 2)];
      return {
        changes: [
          { index: 1, after: { ...payer, nonce: payer.nonce + 1, balance: payer.balance - 9n } },
          { index: 2, after: { ...payee, balance: payee.balance + 5n } },
        ],
        fees: [4n, 0n, 0n, 0n],
      };
    });
    await overturn(await build([chunkOf(dearer, collectOf(bob.index))]), 'valid', 0);
  });

  it('about a record between words: a withdrawal, a new account, a transfer', async () => {
    const wrong = withdrawOf(alice, 10n, { words: [0n, packOwnerAndToken(bob.owner, 0), 10n] });
    const slots = [transferToNewOf(alice, newcomer, 5n), withdrawOf(bob, 6n), wrong, transferOf(bob, alice.index, 1n)];
    await overturn(await build([chunkOf(), chunkOf(...slots)]), 'WITHDRAWAL_MISMATCH', 2, 1);
  });

  describe('about priority operations', () => {
    const request = async () => {
      const { world } = fixture;
      const { priorityFee } = world.parameters;
      const keyY = newcomer.keyPair.publicKey.y;
      const owner = world.ethers.toBeHex(newcomer.owner, 20);
      await world.rollup.deposit(0, 70n, keyY, owner, { value: priorityFee + 70n });
      await world.rollup.requestExit(alice.index, 0, { value: priorityFee });
      const deposit = record(RecordKind.deposit, [keyY, packOwnerAndToken(newcomer.owner, 0), 70n]);
      const exit = record(
        RecordKind.forcedExit,
        [0n, packOwnerAndToken(BigInt(world.owner.address), 0), 0n],
        alice.index,
      );
      return { deposit, exit };
    };

    it('that pays a deposit to somebody else’s account', async () => {
      const { deposit } = await request();
      const stolen = pretending(priorityOf(deposit, bob.index), ({ view }) => ({
        changes: [{ index: 2, after: { ...accountAt(view, 2), balance: accountAt(view, 2).balance + 70n } }],
      }));
      await overturn(await build([chunkOf(stolen)]), 'DEPOSIT_MISMATCH', 0);
    });

    it('that makes an account of a deposit with another key', async () => {
      const { deposit } = await request();
      const stolen = pretending(priorityOf(deposit, newcomer.index), () => ({
        changes: [{ index: newcomer.index, after: { ...holderAccount(bob), nonce: 0, balance: 70n } }],
      }));
      await overturn(await build([chunkOf(stolen)]), 'valid', 0);
    });

    it('that puts a deposit beyond the tree', async () => {
      const { deposit } = await request();
      await overturn(await build([chunkOf(priorityOf(deposit, 2 ** 24))]), 'INDEX_RANGE', 0);
    });

    it('that pays an exit to who does not own the account', async () => {
      const { deposit, exit } = await request();
      const paying: SlotScript = (slot) => ({ ...priorityOf(exit)(slot), words: exit.words.with(2, 1_000n) });
      await overturn(await build([chunkOf(priorityOf(deposit, newcomer.index), paying)]), 'EXIT_MISMATCH', 1);
    });
  });

  it('by anyone: the prover needs no dispute of its own', async () => {
    const { world } = fixture;
    const built = await build([chunkOf(LIES[0]!.script)]);
    await assertBatch(world, built);
    await dispute(world, 1n, built, 0, { signer: world.alice });
    await sendAnswer(world, 1n, built, 0);
    await proveStep(world, built, { assertionId: 1n, chunk: 0, slot: 0 }, world.owner);
    const credit = await world.assertions.creditOf(world.owner.address);
    expect(credit).to.equal(world.optimistic.assertionBond / 2n);
  });

  it('also when the roots are right and only the answer is wrong', async () => {
    const { world } = fixture;
    const built = await build([chunkOf(transferOf(alice, bob.index, 5n))]);
    const lying = await build([chunkOf(LIES.find(({ finding }) => finding === 'valid')!.script)]);
    await assertBatch(world, built);
    await dispute(world, 1n, built, 0);
    const wrong = [built.claims[0]!.answer[0]!, lying.claims[0]!.answer[1]!, built.claims[0]!.answer[2]!];
    await sendAnswer(world, 1n, built, 0, { commitments: wrong });
    const answered = { ...built, claims: [{ ...built.claims[0]!, answer: wrong }] };
    await proveStep(world, answered, { assertionId: 1n, chunk: 0, slot: 1 });
    expect(await world.assertions.isPending(1n)).to.equal(false);
  });
});
