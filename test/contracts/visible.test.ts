import { encodeEntry, FIELD_MODULUS, packOwnerAndToken, RecordKind, VISIBLE_ENTRY_BYTES } from '@quittance/protocol';
import { concat, getBytes } from 'ethers';
import { type BatchContent, buildBatch, record, submit, transfer } from '../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';

const SLOTS = 6;
const OWNER_AND_TOKEN = packOwnerAndToken(0xabcdn, 3);
const withdrawal = (amount: bigint) => record(RecordKind.withdraw, [0n, OWNER_AND_TOKEN, amount], 9);
const move = (amount: bigint) => record(RecordKind.move, [5n, OWNER_AND_TOKEN, amount], 9, 2);
const transferToNew = (index: number) => record(RecordKind.transferToNew, [77n, 0xbeefn, 0n], 1, index);
const joined = (...entries: Uint8Array[]) => getBytes(concat(entries));

describe('the visible list of a chunk', () => {
  const fixture = rollupFixture({ slotsPerChunk: SLOTS });

  const build = async (chunks: BatchContent['chunks']) =>
    buildBatch(fixture.world, { parent: fixture.world.genesis, time: await latestTime(fixture.world), chunks });

  /** A batch of two chunks, the second with an entry of each kind that needs no queue, and its entries. */
  const two = async () => {
    const records = [transferToNew(1), withdrawal(4n), move(6n)];
    const built = await build([[transfer(1, 2)], [records[0]!, transfer(1, 2), records[1]!, records[2]!]]);
    return { built, entries: records.map(encodeEntry) as [Uint8Array, Uint8Array, Uint8Array] };
  };

  const send = async (change: (entries: [Uint8Array, Uint8Array, Uint8Array]) => Uint8Array) => {
    const { built, entries } = await two();
    return submit(fixture.world, { ...built, visible: [built.visible[0]!, change(entries)] });
  };
  const refusesList = (
    change: (entries: [Uint8Array, Uint8Array, Uint8Array]) => Uint8Array,
    error: string,
    ...values: unknown[]
  ) => refuses(fixture.world, send(change), error, ...values);

  it('is taken with exactly the chunk’s visible records in order', async () => {
    await send((entries) => joined(...entries));
  });

  describe('is refused by the proof', () => {
    it('when an entry is left out, at each place', async () => {
      for (const left of [0, 1, 2]) {
        await refusesList((entries) => joined(...entries.filter((_, position) => position !== left)), 'InvalidProof');
      }
    });

    it('when an entry is added, before and behind the others', async () => {
      const extra = encodeEntry(withdrawal(1_000n));
      await refusesList((entries) => joined(extra, ...entries), 'InvalidProof');
      await refusesList((entries) => joined(...entries, extra), 'InvalidProof');
    });

    it('when two entries change places', async () => {
      await refusesList(([first, second, third]) => joined(second, first, third), 'InvalidProof');
      await refusesList(([first, second, third]) => joined(first, third, second), 'InvalidProof');
    });

    it('when one bit of a record or word is another', async () => {
      // The record but for its kind, and a byte of each word.
      for (const position of [1, 5, 9, 13, 15, 40, 47, 79, 111]) {
        await refusesList((entries) => {
          const list = joined(...entries);
          list[VISIBLE_ENTRY_BYTES + position]! ^= 1;
          return list;
        }, 'InvalidProof');
      }
    });

    it('when the entries stand in the list of another chunk', async () => {
      const { built, entries } = await two();
      const sent = submit(fixture.world, { ...built, visible: [joined(...entries), new Uint8Array()] });
      await refuses(fixture.world, sent, 'InvalidProof');
    });
  });

  it('is refused when it is no whole number of entries', async () => {
    for (const length of [1, 111, 113, 223, 335]) {
      await refusesList(
        (entries) => joined(...entries, new Uint8Array(100)).slice(0, length),
        'WrongVisibleLength',
        1,
        length,
      );
    }
  });

  it('is refused with more entries than slots, and taken with as many', async () => {
    const { world } = fixture;
    const full = await build([Array.from({ length: SLOTS }, () => withdrawal(1n))]);
    const longer = joined(full.visible[0]!, encodeEntry(withdrawal(1n)));
    await refuses(world, submit(world, { ...full, visible: [longer] }), 'TooManyVisible', 0, SLOTS, SLOTS + 1);
    await submit(world, full);
  });

  it('is refused with a kind that L1 does not read', async () => {
    for (const kind of [0, 1, 6, 8, 14, 15]) {
      await refusesList(
        ([first, second, third]) => {
          second[0] = kind;
          return joined(first, second, third);
        },
        'KindNotVisible',
        1,
        1,
        kind,
      );
    }
  });

  it('is refused with a bit set above a record', async () => {
    for (const bit of [4, 5, 6, 7]) {
      await refusesList(
        ([first, second, third]) => {
          third[0]! |= 1 << bit;
          return joined(first, second, third);
        },
        'KindNotVisible',
        1,
        2,
        RecordKind.move | (1 << bit),
      );
    }
  });

  it('is refused with a word that is not below r, though it is right modulo r', async () => {
    for (const [word, value] of [77n, 0xbeefn, 0n].entries()) {
      await refusesList(
        ([first, second, third]) => {
          first.set(getBytes(`0x${(value + FIELD_MODULUS).toString(16).padStart(64, '0')}`), 16 + 32 * word);
          return joined(first, second, third);
        },
        'WordNotInField',
        1,
        0,
        word,
        value + FIELD_MODULUS,
      );
    }
  });
});
