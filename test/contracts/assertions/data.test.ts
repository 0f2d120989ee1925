import {
  AUTHORIZATION_BYTES,
  BLOCK_BYTES,
  encodeChunkData,
  FIELD_MODULUS,
  packOwnerAndToken,
  RecordKind,
  VISIBLE_ENTRY_BYTES,
} from '@quittance/protocol';
import { expect } from 'chai';
import { record, transfer } from '../../support/contracts/batch.ts';
import { latestTime } from '../../support/contracts/deployment.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import type { BuiltAssertion } from '../../support/optimistic/asserted-batch.ts';
import { assertBatch, at, buildOn, sendAssertion } from '../../support/optimistic/calls.ts';
import type { ChunkScript } from '../../support/optimistic/claimed-chunk.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS, newcomer } from '../../support/optimistic/lie-scene.ts';
import { priorityOf, transferOf, transferToNewOf, withdrawOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
const MAX_CHUNK_BYTES = 32_768;
const MAX_BATCH_BYTES = 120_000;

describe('data of Assertions.assertBatch', () => {
  const fixture = assertionsFixture();

  const build = (...chunks: ChunkScript[]) => buildOn(fixture.world, fixture.prepared.tip, chunks);
  const LENGTH = 2 * BLOCK_BYTES;
  /** Two chunks, the second with one visible record, with a list changed in the second place. */
  const withChanged = async (
    list: 'chunks' | 'visible',
    change: (bytes: Uint8Array) => Uint8Array,
  ): Promise<BuiltAssertion> => {
    const built = await build({ slots: [] }, { slots: [transferToNewOf(alice, newcomer, 5n)] });
    return { ...built, [list]: built[list].with(1, change(built[list][1]!)) };
  };

  it('refuses chunks of another length than their blocks', async () => {
    const { world } = fixture;
    for (const extra of [1, 96]) {
      const longer = await withChanged('chunks', (data) => Uint8Array.from([...data, ...new Uint8Array(extra)]));
      await refuses(world, sendAssertion(world, longer), 'WrongDataLength', 1, LENGTH, LENGTH + extra);
    }
    const shorter = await withChanged('chunks', (data) => data.slice(0, -1));
    await refuses(world, sendAssertion(world, shorter), 'WrongDataLength', 1, LENGTH, LENGTH - 1);
    const none = await withChanged('chunks', () => new Uint8Array());
    await refuses(world, sendAssertion(world, none), 'WrongDataLength', 1, LENGTH, 0);
  });

  it('refuses visible lists that are cut, too long or of kinds that have no words', async () => {
    const { world } = fixture;
    for (const length of [1, VISIBLE_ENTRY_BYTES - 1, VISIBLE_ENTRY_BYTES + 1]) {
      const cut = await withChanged('visible', (list) => Uint8Array.from([...list, ...list]).slice(0, length));
      await refuses(world, sendAssertion(world, cut), 'WrongVisibleLength', 1, length);
    }
    const five = await withChanged('visible', (list) =>
      Uint8Array.from(
        Array<Uint8Array>(5)
          .fill(list)
          .flatMap((l) => [...l]),
      ),
    );
    await refuses(world, sendAssertion(world, five), 'TooManyVisible', 1, 4, 5);
    // The kind stands in the lower half of the first byte, and above it there must be nothing.
    for (const first of [0x00, 0x01, 0x06, 0x08, 0x0f, 0x12, 0x82]) {
      const other = await withChanged('visible', (list) => list.with(0, first));
      await refuses(world, sendAssertion(world, other), 'KindNotVisible', 1, 0, first);
    }
  });

  it('refuses words not below r, which are no step', async () => {
    for (const word of [0, 1, 2]) {
      const built = await withChanged('visible', (list) => {
        const words = Buffer.from(list);
        Buffer.from(FIELD_MODULUS.toString(16).padStart(64, '0'), 'hex').copy(words, 16 + 32 * word);
        return words;
      });
      await refuses(fixture.world, sendAssertion(fixture.world, built), 'WordNotInField', 1, 0, word, FIELD_MODULUS);
    }
  });

  it('takes records that break a rule, reserved kinds among them, which steps show', async () => {
    const { world } = fixture;
    const nobody = transfer(1_234, 1_235);
    const broken = await withChanged('chunks', () => encodeChunkData([nobody, nobody, nobody, nobody]).with(0, 0xf0));
    expect(await assertBatch(world, broken)).to.equal(1n);
  });

  describe('the priority queue', () => {
    const request = async () => {
      const { world } = fixture;
      const { priorityFee } = world.parameters;
      await world.rollup.deposit(0, 70n, 9n, world.bob.address, { value: priorityFee + 70n });
      await world.rollup.requestExit(2, 0, { value: priorityFee });
      const deposit = record(RecordKind.deposit, [9n, packOwnerAndToken(BigInt(world.bob.address), 0), 70n]);
      const exit = record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(world.owner.address), 0), 0n], 2);
      return { deposit, exit };
    };

    it('is executed in order, and the fees wait for finality', async () => {
      const { world } = fixture;
      const { deposit, exit } = await request();
      const built = await build({ slots: [priorityOf(deposit, 50), priorityOf(exit)] });
      await assertBatch(world, built);
      expect(await world.rollup.collectableFees(world.producer.address)).to.equal(0n);
      expect(await world.rollup.finalState()).to.deep.equal([1n, 0n, 0n]);
    });

    it('is refused when changed, out of order, behind another record or invented', async () => {
      const { world } = fixture;
      const { deposit, exit } = await request();
      const words = deposit.words;
      for (const changedWords of [words.with(0, 8n), words.with(1, words[1]! + 1n), words.with(2, 71n)]) {
        const built = await build({ slots: [priorityOf({ ...deposit, words: changedWords }, 50)] });
        await expect(sendAssertion(world, built)).to.be.revertedWithCustomError(
          declaring(world, 'WrongPriorityOperations'),
          'WrongPriorityOperations',
        );
      }
      const swapped = await build({ slots: [priorityOf(exit), priorityOf(deposit, 50)] });
      await expect(sendAssertion(world, swapped)).to.be.revertedWithCustomError(
        declaring(world, 'WrongPriorityOperations'),
        'WrongPriorityOperations',
      );
      const behind = await build({ slots: [withdrawOf(alice, 1n), priorityOf(deposit, 50)] });
      await refuses(world, sendAssertion(world, behind), 'PriorityRecordNotFirst', 0, 1);
      const later = await build({ slots: [withdrawOf(alice, 1n)] }, { slots: [priorityOf(deposit, 50)] });
      await refuses(world, sendAssertion(world, later), 'PriorityRecordNotFirst', 1, 0);
      const third = await build({ slots: [priorityOf(deposit, 50), priorityOf(exit), priorityOf(exit)] });
      await refuses(world, sendAssertion(world, third), 'PriorityNotRequested', 2, 3);
    });

    it('may stand behind records that L1 does not read', async () => {
      const { world } = fixture;
      const { deposit, exit } = await request();
      const plain = transferOf(alice, bob.index, 1n);
      const built = await build({ slots: [plain, priorityOf(deposit, 50)] }, { slots: [plain, priorityOf(exit)] });
      await assertBatch(world, built);
      expect(built.header.priorityCount).to.equal(2);
    });

    it('is continued where the waiting parent left it, not where the last final batch did', async () => {
      const { world } = fixture;
      const { deposit, exit } = await request();
      const first = await build({ slots: [priorityOf(deposit, 50)] });
      await assertBatch(world, first);
      const again = await buildOn(world, first, [{ slots: [priorityOf(deposit, 51)] }]);
      await expect(sendAssertion(world, again)).to.be.revertedWithCustomError(
        declaring(world, 'WrongPriorityOperations'),
        'WrongPriorityOperations',
      );
      const second = await buildOn(world, first, [{ slots: [priorityOf(exit)] }]);
      await assertBatch(world, second);
      expect(second.header.priorityCount).to.equal(2);
      const third = await buildOn(world, second, [{ slots: [priorityOf(exit)] }]);
      await refuses(world, sendAssertion(world, third), 'PriorityNotRequested', 2, 3);
    });

    it('is not left behind when an operation is overdue, but by a full batch', async () => {
      const { world, prepared } = fixture;
      const { deposit, exit } = await request();
      const { priorityFee } = world.parameters;
      for (let count = 0; count < 3; count += 1) await world.rollup.requestExit(2, 0, { value: priorityFee });
      const deadlineOf = async (id: number) => {
        const [, deadline] = (await world.rollup.priorityOperation(id)) as [string, bigint, bigint];
        return Number(deadline);
      };
      const late = (await deadlineOf(4)) + 1;
      await at(world, late + 10);
      await world.l1.networkHelpers.mine();
      const all = [priorityOf(deposit, 50), ...Array.from({ length: 3 }, () => priorityOf(exit))];
      const send = async (slots: typeof all, time: number) =>
        sendAssertion(world, await buildOn(world, prepared.tip, [{ slots }], time));
      await refuses(fixture.world, send([], late), 'OverdueOperationSkipped', 0, await deadlineOf(0), late);
      const third = await deadlineOf(3);
      await refuses(fixture.world, send(all.slice(0, 3), late), 'OverdueOperationSkipped', 3, third, late);
      await refuses(fixture.world, send(all.slice(0, 3), third + 1), 'OverdueOperationSkipped', 3, third, third + 1);
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      await send(all.slice(0, 3), third);
      await snapshot.restore();
      await send(all, late);
    });
  });

  it('refuses a transferToNew that would take the leaf of a requested deposit', async () => {
    const { world, prepared } = fixture;
    await world.rollup.deposit(0, 1n, 9n, world.bob.address, { value: world.parameters.priorityFee + 1n });
    const first = await build({ slots: [transferToNewOf(alice, newcomer, 5n)] });
    await assertBatch(world, first);
    const other = { ...newcomer, index: 2_000 };
    const second = await buildOn(world, first, [{ slots: [transferToNewOf(alice, other, 5n)] }]);
    expect(second.header.transferToNewCount).to.equal(prepared.tip.header.transferToNewCount + 2);
    // The tree has too many leaves to fill: the count of deposits is written into storage, behind that of requests.
    const address = await world.rollup.getAddress();
    const wordAt = async (slot: number) => BigInt(await world.ethers.provider.getStorage(address, slot));
    let slot = 0;
    while (((await wordAt(slot)) & (2n ** 128n - 1n)) !== ((1n << 64n) | 1n)) slot += 1;
    const setDeposits = async (count: bigint) => {
      const changed = ((await wordAt(slot)) & ~((2n ** 64n - 1n) << 64n)) | (count << 64n);
      await world.l1.networkHelpers.setStorageAt(address, slot, changed);
    };
    await setDeposits(2n ** 24n - 1n);
    await refuses(fixture.world, sendAssertion(world, second), 'TreeFull', 2n ** 24n - 1n, 2);
    await setDeposits(2n ** 24n - 2n);
    await assertBatch(world, second);
  });

  describe('limits', () => {
    const wide = assertionsFixture({ maxChunks: 4 });
    const bytesOf = (count: number) => () => new Uint8Array(count);
    const dataBytes = 2 * BLOCK_BYTES;

    it('takes a chunk with the most bytes and refuses one more', async () => {
      const { world } = fixture;
      const most = MAX_CHUNK_BYTES - dataBytes;
      const more = await build({ slots: [], authorizations: bytesOf(most + 1) });
      await refuses(world, sendAssertion(world, more), 'TooMuchData', MAX_CHUNK_BYTES, MAX_CHUNK_BYTES + 1);
      await assertBatch(world, await build({ slots: [], authorizations: bytesOf(most) }));
    });

    it('counts the visible list', async () => {
      const { world } = fixture;
      const slots = [withdrawOf(alice, 1n)];
      const most = MAX_CHUNK_BYTES - dataBytes - VISIBLE_ENTRY_BYTES;
      const more = await build({ slots, authorizations: bytesOf(most + 1) });
      await refuses(world, sendAssertion(world, more), 'TooMuchData', MAX_CHUNK_BYTES, MAX_CHUNK_BYTES + 1);
      await assertBatch(world, await build({ slots, authorizations: bytesOf(most) }));
    });

    it('counts every chunk by itself', async () => {
      const { world } = fixture;
      const more = await build({ slots: [] }, { slots: [], authorizations: bytesOf(MAX_CHUNK_BYTES - dataBytes + 1) });
      await refuses(world, sendAssertion(world, more), 'TooMuchData', MAX_CHUNK_BYTES, MAX_CHUNK_BYTES + 1);
    });

    it('takes a batch with the most bytes and refuses one more', async () => {
      const { world, prepared } = wide;
      const quarter = MAX_BATCH_BYTES / 4;
      const send = async (last: number) => {
        const chunks = [quarter, quarter, quarter, last].map((bytes) => ({
          slots: [],
          authorizations: bytesOf(bytes - dataBytes),
        }));
        return sendAssertion(world, await buildOn(world, prepared.tip, chunks));
      };
      await refuses(world.assertions, send(quarter + 1), 'TooMuchData', MAX_BATCH_BYTES, MAX_BATCH_BYTES + 1);
      await send(quarter);
    });

    it('says nothing of what stands behind the last authorization', async () => {
      const { world } = fixture;
      const built = await build({
        slots: [transferOf(alice, bob.index, 5n)],
        authorizations: (bytes) => Uint8Array.from([...bytes, 1, 2, 3]),
      });
      expect(built.authorizations[0]!.length).to.equal(AUTHORIZATION_BYTES + 3);
      expect(built.isLie).to.equal(false);
      await assertBatch(world, built);
    });
  });

  it('keeps the time of the call', async () => {
    const { world } = fixture;
    const time = (await latestTime(world)) + 1_000;
    const built = await build({ slots: [] });
    await at(world, time);
    await assertBatch(world, built);
    const { assertedAt } = await world.assertions.assertion(1n);
    expect(assertedAt).to.equal(BigInt(time));
  });
});
