import { expect } from 'chai';
import { refuses } from '../../support/contracts/refusal.ts';
import { assertArguments, buildOn } from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { withdrawOf } from '../../support/optimistic/slot-scripts.ts';

const { alice } = HOLDERS;
const WORD = 32;
/** Positions behind the selector: offsets of batch and data stand behind the header's nine words. */
const BATCH_OFFSET = 9 * WORD;
const DATA_OFFSET = 10 * WORD;
/** Places in the data's head. */
const LISTS = { chunks: 0, authorizations: 1, visible: 2 } as const;

function wordAt(bytes: Buffer, position: number): number {
  return Number(BigInt(`0x${bytes.subarray(position, position + WORD).toString('hex')}`));
}

function withWord(bytes: Buffer, position: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  Buffer.from(value.toString(16).padStart(2 * WORD, '0'), 'hex').copy(changed, position);
  return changed;
}

/** Where the offset of a list of the data stands. */
const offsetOf = (words: Buffer, list: keyof typeof LISTS) => wordAt(words, DATA_OFFSET) + LISTS[list] * WORD;
/** Where a list of the data stands. */
const listAt = (words: Buffer, list: keyof typeof LISTS) =>
  wordAt(words, DATA_OFFSET) + wordAt(words, offsetOf(words, list));

describe('calldata of assertBatch', () => {
  /** Two chunks of 62 bytes, each with an authorization of 69 bytes and an entry of 112. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    const slots = [withdrawOf(alice, 5n)];
    const built = await buildOn(world, tip, [{ slots }, { slots }]);
    const data = world.assertions.interface.encodeFunctionData('assertBatch', assertArguments(built));
    const bytes = Buffer.from(data.slice(2), 'hex');
    return { selector: bytes.subarray(0, 4), words: bytes.subarray(4) };
  });

  const send = async (change: (words: Buffer) => Buffer) => {
    const { world, prepared } = fixture;
    const data = `0x${Buffer.concat([prepared.selector, change(prepared.words)]).toString('hex')}`;
    const to = await world.assertions.getAddress();
    return world.producer.sendTransaction({ to, data, value: world.optimistic.assertionBond });
  };
  const refusesChange = (change: (words: Buffer) => Buffer) =>
    refuses(fixture.world, send(change), 'CalldataNotCanonical');
  /** Changed calldata is no accident of another check: the bytes differ, and as they were they are taken. */
  const changes = (change: (words: Buffer) => Buffer) => {
    const { words } = fixture.prepared;
    expect(change(words).equals(words)).to.equal(false);
    return change;
  };

  it('is taken as abi.encode writes it', async () => {
    await send((words) => words);
    expect(await fixture.world.assertions.isPending(1n)).to.equal(true);
  });

  it('is refused with bytes behind the end', async () => {
    for (const extra of [1, 31, 32, 100]) await refusesChange((words) => Buffer.concat([words, Buffer.alloc(extra)]));
  });

  it('is refused with a gap before a part, though all offsets lead to the right places', async () => {
    const insert = (at: number, offsets: readonly number[]) => (words: Buffer) => {
      const moved = offsets.reduce((bytes, offset) => withWord(bytes, offset, wordAt(words, offset) + WORD), words);
      return Buffer.concat([moved.subarray(0, at), Buffer.alloc(WORD), moved.subarray(at)]);
    };
    const { words } = fixture.prepared;
    await refusesChange(changes(insert(wordAt(words, BATCH_OFFSET), [BATCH_OFFSET, DATA_OFFSET])));
    await refusesChange(changes(insert(wordAt(words, DATA_OFFSET), [DATA_OFFSET])));
    const lists = (Object.keys(LISTS) as (keyof typeof LISTS)[]).map((list) => [list, offsetOf(words, list)] as const);
    for (const [position, [list]] of lists.entries()) {
      const behind = lists.slice(position).map(([, offset]) => offset);
      await refusesChange(changes(insert(listAt(words, list), behind)));
    }
  });

  it('is refused with chunks and authorizations in the other order', async () => {
    await refusesChange(
      changes((words) => {
        const [chunksAt, authorizationsAt] = [listAt(words, 'chunks'), listAt(words, 'authorizations')];
        const end = listAt(words, 'visible');
        const [chunks, authorizations] = [
          words.subarray(chunksAt, authorizationsAt),
          words.subarray(authorizationsAt, end),
        ];
        const swapped = Buffer.concat([words.subarray(0, chunksAt), authorizations, chunks, words.subarray(end)]);
        const first = wordAt(words, offsetOf(words, 'chunks'));
        const moved = withWord(swapped, offsetOf(words, 'authorizations'), first);
        return withWord(moved, offsetOf(words, 'chunks'), first + authorizations.length);
      }),
    );
  });

  it('is refused when two entries of a list share their bytes', async () => {
    for (const list of ['chunks', 'authorizations', 'visible'] as const) {
      await refusesChange(
        changes((words) => {
          const heads = listAt(words, list) + WORD;
          return withWord(words, heads + WORD, wordAt(words, heads));
        }),
      );
    }
  });

  it('is refused when one list is another', async () => {
    for (const [list, other] of [
      ['authorizations', 'chunks'],
      ['visible', 'authorizations'],
      ['chunks', 'visible'],
    ] as const) {
      await refusesChange(
        changes((words) => withWord(words, offsetOf(words, list), wordAt(words, offsetOf(words, other)))),
      );
    }
  });

  it('is refused when two lists of the batch share their words', async () => {
    await refusesChange(
      changes((words) => {
        const offsets = wordAt(words, BATCH_OFFSET) + 2 * WORD;
        // Commitments where the fee tokens are: both have two entries below r.
        return withWord(words, offsets + WORD, wordAt(words, offsets + 2 * WORD));
      }),
    );
  });

  it('is refused with anything but 0 in the padding of a chunk, of authorizations or of a visible list', async () => {
    for (const list of ['chunks', 'authorizations', 'visible'] as const) {
      for (const entry of [0, 1]) {
        await refusesChange(
          changes((words) => {
            const heads = listAt(words, list) + WORD;
            const start = heads + wordAt(words, heads + WORD * entry);
            const length = wordAt(words, start);
            const padding = start + WORD + Math.ceil(length / WORD) * WORD - 1;
            expect(length % WORD).to.be.greaterThan(0);
            const dirty = Buffer.from(words);
            dirty[padding] = 1;
            return dirty;
          }),
        );
      }
    }
  });

  it('is refused when it ends early', async () => {
    for (const missing of [1, 16, 32]) {
      const sent = send((words) => words.subarray(0, words.length - missing));
      await expect(sent, `${missing} bytes`)
        .to.be.revertedWithCustomError(fixture.world.rollup, 'CalldataNotCanonical')
        .withArgs();
    }
  });
});
