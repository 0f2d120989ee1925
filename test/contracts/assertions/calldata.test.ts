import { expect } from 'chai';
import { refuses } from '../../support/contracts/refusal.ts';
import { assertArguments, buildOn } from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { transferOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;
const WORD = 32;
/** Positions behind the selector: offsets of batch, chunks and authorizations stand behind the header's nine words. */
const BATCH_OFFSET = 9 * WORD;
const CHUNKS_OFFSET = 10 * WORD;
const AUTHORIZATIONS_OFFSET = 11 * WORD;

function wordAt(bytes: Buffer, position: number): number {
  return Number(BigInt(`0x${bytes.subarray(position, position + WORD).toString('hex')}`));
}

function withWord(bytes: Buffer, position: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  Buffer.from(value.toString(16).padStart(2 * WORD, '0'), 'hex').copy(changed, position);
  return changed;
}

describe('calldata of assertBatch', () => {
  /** Two equal chunks of 62 bytes, the first with one authorization of 69 bytes and the second with another. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    const slots = [transferOf(alice, bob.index, 5n)];
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
    const all = [BATCH_OFFSET, CHUNKS_OFFSET, AUTHORIZATIONS_OFFSET];
    for (const [position, offset] of all.entries()) {
      await refusesChange(changes(insert(wordAt(words, offset), all.slice(position))));
    }
  });

  it('is refused with chunks and authorizations in the other order', async () => {
    await refusesChange(
      changes((words) => {
        const [chunksAt, authorizationsAt] = [wordAt(words, CHUNKS_OFFSET), wordAt(words, AUTHORIZATIONS_OFFSET)];
        const [chunks, authorizations] = [words.subarray(chunksAt, authorizationsAt), words.subarray(authorizationsAt)];
        const swapped = Buffer.concat([words.subarray(0, chunksAt), authorizations, chunks]);
        const moved = withWord(swapped, AUTHORIZATIONS_OFFSET, chunksAt);
        return withWord(moved, CHUNKS_OFFSET, chunksAt + authorizations.length);
      }),
    );
  });

  it('is refused when two entries of a list share their bytes', async () => {
    for (const offset of [CHUNKS_OFFSET, AUTHORIZATIONS_OFFSET]) {
      await refusesChange(
        changes((words) => {
          const heads = wordAt(words, offset) + WORD;
          return withWord(words, heads + WORD, wordAt(words, heads));
        }),
      );
    }
  });

  it('is refused when the authorizations are the chunks', async () => {
    await refusesChange(changes((words) => withWord(words, AUTHORIZATIONS_OFFSET, wordAt(words, CHUNKS_OFFSET))));
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

  it('is refused with anything but 0 in the padding of a chunk or of authorizations', async () => {
    for (const offset of [CHUNKS_OFFSET, AUTHORIZATIONS_OFFSET]) {
      for (const entry of [0, 1]) {
        await refusesChange(
          changes((words) => {
            const heads = wordAt(words, offset) + WORD;
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
    for (const missing of [1, 27, 32]) {
      const sent = send((words) => words.subarray(0, words.length - missing));
      await expect(sent, `${missing} bytes`)
        .to.be.revertedWithCustomError(fixture.world.rollup, 'CalldataNotCanonical')
        .withArgs();
    }
  });
});
