import { encodeEntry, entryHashes, keccak, RecordKind, stepResultOf, VISIBLE_ENTRY_BYTES } from '@quittance/protocol';
import { expect } from 'chai';
import { latestTime } from '../../support/contracts/deployment.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import type { BuiltAssertion } from '../../support/optimistic/asserted-batch.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  dispute,
  finalize,
  sendAnswer,
  sendStepProof,
} from '../../support/optimistic/calls.ts';
import type { ChunkScript } from '../../support/optimistic/claimed-chunk.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import {
  buildInBlobsOn,
  claimedStep,
  commitmentOf,
  findFault,
  sendInBlobs,
  stepProofOf,
} from '../../support/optimistic/in-blobs.ts';
import { chunkOf, HONEST } from '../../support/optimistic/lie-chunks.ts';
import { HOLDERS, newcomer } from '../../support/optimistic/lie-scene.ts';
import { moveOf, noop, transferToNewOf, withdrawOf } from '../../support/optimistic/slot-scripts.ts';
import type { EvmStepProof } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;
const LAST = 3;
type Relist = NonNullable<ChunkScript['visible']>;

const entryOf = (list: Uint8Array, number: number) =>
  list.slice(number * VISIBLE_ENTRY_BYTES, (number + 1) * VISIBLE_ENTRY_BYTES);
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const flipped = (list: Uint8Array, at: number) => list.with(at, list[at]! ^ 1);

/** A withdrawal of 9 to an owner, as an entry: no record makes it. */
const invented = (owner: bigint) =>
  encodeEntry({
    fields: { kind: RecordKind.withdraw, from: 1, to: 0, amountFloat: 9n, feeFloat: 0 },
    words: [0n, owner, 9n],
  });

/** How a list is other than the chunk's records (noop, withdraw, move, noop), and where that shows. */
const WRONG_LISTS: readonly (readonly [what: string, visible: Relist, slot: number, result: string])[] = [
  ['leaves out its last record', (list) => entryOf(list, 0), 2, 'WORD_COUNT'],
  ['leaves out its first record', (list) => entryOf(list, 1), 1, 'WORD_COUNT'],
  ['hides all of them', () => new Uint8Array(), 1, 'WORD_COUNT'],
  ['has them in another order', (list) => joined(entryOf(list, 1), entryOf(list, 0)), 1, 'WORD_COUNT'],
  ['has one twice', (list) => joined(entryOf(list, 0), entryOf(list, 0), entryOf(list, 1)), 2, 'WORD_COUNT'],
  ['has one more at its end', (list) => joined(list, entryOf(list, 1)), LAST, 'VISIBLE_COUNT'],
  ['adds a withdrawal that no record makes at its end', (list) => joined(list, invented(5n)), LAST, 'VISIBLE_COUNT'],
  ['adds a withdrawal that no record makes at its start', (list) => joined(invented(5n), list), 1, 'WORD_COUNT'],
  ['names another sender', (list) => flipped(list, 4), 1, 'WORD_COUNT'],
  ['names another amount in the record', (list) => flipped(list, 12), 1, 'WORD_COUNT'],
  ['names another destination in the record', (list) => flipped(list, VISIBLE_ENTRY_BYTES + 8), 2, 'WORD_COUNT'],
  ['pays another amount', (list) => flipped(list, VISIBLE_ENTRY_BYTES - 1), 1, 'WITHDRAWAL_MISMATCH'],
  ['pays another owner', (list) => flipped(list, 79), 1, 'WITHDRAWAL_MISMATCH'],
  ['pays another token', (list) => flipped(list, 59), 1, 'WITHDRAWAL_MISMATCH'],
  ['gives a withdrawal a first word', (list) => flipped(list, 47), 1, 'WORD_RANGE'],
  ['moves to another key', (list) => flipped(list, VISIBLE_ENTRY_BYTES + 47), 2, 'BAD_SIGNATURE'],
  ['moves another amount', (list) => flipped(list, 2 * VISIBLE_ENTRY_BYTES - 1), 2, 'WITHDRAWAL_MISMATCH'],
];

describe('the visible list of an asserted chunk', () => {
  const fixture = assertionsFixture();

  const FORMS = {
    calldata: async (...chunks: ChunkScript[]) => {
      const built = await buildOn(fixture.world, fixture.prepared.tip, chunks);
      await assertBatch(fixture.world, built);
      return built;
    },
    blobs: async (...chunks: ChunkScript[]) => {
      const built = await buildInBlobsOn(fixture.world, fixture.prepared.tip, chunks);
      await sendInBlobs(fixture.world, built);
      return built;
    },
  };
  const answered = async (built: BuiltAssertion, chunk: number) => {
    await dispute(fixture.world, 1n, built, chunk);
    await sendAnswer(fixture.world, 1n, built, chunk);
  };
  const chunkWith = (visible: Relist): ChunkScript => ({
    ...chunkOf(noop, withdrawOf(alice, 50n), moveOf(bob, 7, 20n), noop),
    visible,
  });

  for (const form of ['calldata', 'blobs'] as const) {
    for (const [what, visible, slot, result] of WRONG_LISTS) {
      it(`is fraud when it ${what}, in ${form}`, async () => {
        const { world, prepared } = fixture;
        const built = await FORMS[form](HONEST, chunkWith(visible));
        await answered(built, 1);
        const fault = findFault(world, prepared.tip, built, 1)!;
        expect([fault.slot, fault.result]).to.deep.equal([slot, result]);
        const proof = await stepProofOf(world, built, 1n, fault);
        await assertionsBy(world, world.bob).commitStep(commitmentOf(proof, world.bob.address, fault.outcome));
        await expect(sendStepProof(world, proof))
          .to.emit(world.assertions, 'StepProven')
          .withArgs(1, 1, slot, stepResultOf(fault.outcome));
        expect(await world.assertions.pendingRange()).to.deep.equal([1n, 1n]);
      });
    }
  }

  it('of an empty chunk is fraud when it has an entry', async () => {
    const { world, prepared } = fixture;
    const built = await FORMS.calldata({ ...chunkOf(), visible: () => invented(5n) });
    expect(built.header.withdrawalCount).to.equal(1);
    await answered(built, 0);
    const fault = findFault(world, prepared.tip, built, 0)!;
    expect([fault.slot, fault.result]).to.deep.equal([LAST, 'VISIBLE_COUNT']);
    const proof = await stepProofOf(world, built, 1n, fault);
    await assertionsBy(world, world.bob).commitStep(commitmentOf(proof, world.bob.address, fault.outcome));
    await sendStepProof(world, proof);
    expect(await world.assertions.isPending(1n)).to.equal(false);
  });

  describe('of an answered chunk', () => {
    /** Both chunks are right; chunk 0 has three entries, one of each length of words that a kind has. */
    const honest = async (form: keyof typeof FORMS) => {
      const built = await FORMS[form](
        chunkOf(withdrawOf(alice, 5n), noop, moveOf(bob, 3, 2n), transferToNewOf(alice, newcomer, 4n)),
        chunkOf(noop, withdrawOf(bob, 1n)),
      );
      await answered(built, 0);
      await answered(built, 1);
      return built;
    };
    const proofOf = (built: BuiltAssertion, slot: number, chunk = 0): Promise<EvmStepProof> =>
      stepProofOf(fixture.world, built, 1n, claimedStep(built, { chunk, slot }));
    const refusesAs = async (proof: EvmStepProof, error: string) =>
      expect(sendStepProof(fixture.world, proof)).to.be.revertedWithCustomError(declaring(fixture.world, error), error);

    for (const form of ['calldata', 'blobs'] as const) {
      it(`lets no other hashes of entries pass, in ${form}`, async () => {
        const built = await honest(form);
        const others = await proofOf(built, 1, 1);
        for (const slot of [0, 1, LAST]) {
          const proof = await proofOf(built, slot);
          const { entryHashes: hashes } = proof;
          for (const changed of [
            [],
            hashes.slice(0, -1),
            hashes.slice(1),
            [...hashes, hashes[0]!],
            [...hashes, keccak(new Uint8Array())],
            hashes.toReversed(),
            hashes.with(0, hashes[1]!),
            others.entryHashes,
            [keccak(Buffer.concat(hashes.map((hash) => Buffer.from(hash.slice(2), 'hex'))))],
          ]) {
            await refusesAs({ ...proof, entryHashes: changed }, 'WrongVisibleList');
          }
        }
      });

      it(`lets no other entry pass, in ${form}`, async () => {
        const { world } = fixture;
        const built = await honest(form);
        const list = built.visible[0]!;
        const entry = entryOf(list, 0);
        const proof = await proofOf(built, 0);
        expect(proof.entry).to.deep.equal(entry);
        for (const changed of [
          new Uint8Array(),
          entry.slice(0, -1),
          entry.slice(1),
          joined(entry, Uint8Array.of(0)),
          list,
          entryOf(list, 1),
          flipped(entry, 15),
          flipped(entry, VISIBLE_ENTRY_BYTES - 1),
        ]) {
          const sent = sendStepProof(world, { ...proof, entry: changed });
          await refuses(world, sent, 'WrongVisibleEntry', keccak(entry), keccak(changed));
        }
        // A record that is not visible has none.
        const noopProof = await proofOf(built, 1);
        const sent = sendStepProof(world, { ...noopProof, entry: entryOf(list, 1) });
        await refuses(world, sent, 'WrongVisibleEntry', keccak(new Uint8Array()), keccak(entryOf(list, 1)));
      });

      it(`lets no other count of records before pass, in ${form}`, async () => {
        const built = await honest(form);
        for (const slot of [0, 1, 2, LAST]) {
          const proof = await proofOf(built, slot);
          const { before } = proof;
          for (const visibleCount of [before.visibleCount + 1, before.visibleCount + 3, 2 ** 32]) {
            await refusesAs({ ...proof, before: { ...before, visibleCount } }, 'WrongStateBefore');
          }
        }
      });
    }

    it('has no entry for a record beyond its end', async () => {
      const { world } = fixture;
      const built = await FORMS.calldata({ ...chunkOf(noop, withdrawOf(alice, 5n)), visible: () => new Uint8Array() });
      await answered(built, 0);
      const proof = await proofOf(built, 1);
      expect([proof.entry.length, proof.entryHashes.length]).to.deep.equal([0, 0]);
      const hidden = invented(5n);
      const sent = sendStepProof(world, { ...proof, entry: hidden });
      await refuses(world, sent, 'WrongVisibleEntry', keccak(new Uint8Array()), keccak(hidden));
      const listed = { ...proof, entry: hidden, entryHashes: entryHashes(hidden) };
      await refuses(
        world,
        sendStepProof(world, listed),
        'WrongVisibleList',
        keccak(new Uint8Array()),
        keccak(Buffer.from(keccak(hidden).slice(2), 'hex')),
      );
    });

    it('is what becomes payable when nobody finds anything wrong', async () => {
      const { world } = fixture;
      const built = await honest('blobs');
      const { challengePeriod, answerWindow, stepWindow } = world.optimistic;
      await at(world, (await latestTime(world)) + challengePeriod + answerWindow + stepWindow);
      await finalize(world, built);
      expect(await world.rollup.headerHash(2)).to.equal(built.headerHash);
      expect(built.header.withdrawalCount).to.equal(3);
    });
  });
});
