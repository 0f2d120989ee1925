import { expect } from 'chai';
import { buildBatch, transfer } from '../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';

const WORD = 32;
/** Positions behind the selector: offsets of batch, chunks and proofs stand behind the header's nine words. */
const BATCH_OFFSET = 9 * WORD;
const CHUNKS_OFFSET = 10 * WORD;
const PROOFS_OFFSET = 11 * WORD;

describe('calldata of submitBatch', () => {
  const fixture = rollupFixture();

  const wordAt = (bytes: Buffer, position: number) =>
    Number(BigInt(`0x${bytes.subarray(position, position + WORD).toString('hex')}`));
  const withWord = (bytes: Buffer, position: number, value: number) => {
    const changed = Buffer.from(bytes);
    Buffer.from(value.toString(16).padStart(2 * WORD, '0'), 'hex').copy(changed, position);
    return changed;
  };

  /** Selector and arguments of a good batch with two equal chunks. */
  const canonical = async () => {
    const { world } = fixture;
    const { parent, batch, chunks, proofs } = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [[transfer(1, 2)], [transfer(1, 2)]],
    });
    const data = world.rollup.interface.encodeFunctionData('submitBatch', [parent, batch, chunks, proofs]);
    const bytes = Buffer.from(data.slice(2), 'hex');
    return { selector: bytes.subarray(0, 4), words: bytes.subarray(4) };
  };
  const send = async (change: (words: Buffer) => Buffer) => {
    const { world } = fixture;
    const { selector, words } = await canonical();
    const data = `0x${Buffer.concat([selector, change(words)]).toString('hex')}`;
    return world.producer.sendTransaction({ to: await world.rollup.getAddress(), data });
  };
  const refusesChange = (change: (words: Buffer) => Buffer) =>
    refuses(fixture.world, send(change), 'CalldataNotCanonical');

  it('is taken as abi.encode writes it', async () => {
    await send((words) => words);
    expect((await fixture.world.rollup.finalState())[0]).to.equal(1n);
  });

  it('is refused with bytes behind the end', async () => {
    for (const extra of [1, 31, 32, 100]) await refusesChange((words) => Buffer.concat([words, Buffer.alloc(extra)]));
  });

  it('is refused with a gap before a part, though all offsets lead to the right places', async () => {
    const gap = Buffer.alloc(WORD);
    const insert = (words: Buffer, at: number, offsets: readonly number[]) =>
      Buffer.concat([
        offsets
          .reduce((changed, offset) => withWord(changed, offset, wordAt(words, offset) + WORD), words)
          .subarray(0, at),
        gap,
        words.subarray(at),
      ]);
    await refusesChange((words) => insert(words, wordAt(words, PROOFS_OFFSET), [PROOFS_OFFSET]));
    await refusesChange((words) => insert(words, wordAt(words, CHUNKS_OFFSET), [CHUNKS_OFFSET, PROOFS_OFFSET]));
    await refusesChange((words) =>
      insert(words, wordAt(words, BATCH_OFFSET), [BATCH_OFFSET, CHUNKS_OFFSET, PROOFS_OFFSET]),
    );
  });

  it('is refused with its parts in another order', async () => {
    await refusesChange((words) => {
      const [chunksAt, proofsAt] = [wordAt(words, CHUNKS_OFFSET), wordAt(words, PROOFS_OFFSET)];
      const [chunks, proofs] = [words.subarray(chunksAt, proofsAt), words.subarray(proofsAt)];
      const swapped = Buffer.concat([words.subarray(0, chunksAt), proofs, chunks]);
      return withWord(withWord(swapped, PROOFS_OFFSET, chunksAt), CHUNKS_OFFSET, chunksAt + proofs.length);
    });
  });

  it('is refused when its last chunk ends without padding, which decoders take or leave', async () => {
    await refusesChange((words) => {
      const [chunksAt, proofsAt] = [wordAt(words, CHUNKS_OFFSET), wordAt(words, PROOFS_OFFSET)];
      const [chunks, proofs] = [words.subarray(chunksAt, proofsAt), words.subarray(proofsAt)];
      // Two blocks of 31 bytes leave two bytes of padding.
      const swapped = Buffer.concat([words.subarray(0, chunksAt), proofs, chunks.subarray(0, chunks.length - 2)]);
      return withWord(withWord(swapped, PROOFS_OFFSET, chunksAt), CHUNKS_OFFSET, chunksAt + proofs.length);
    });
  });

  it('is refused when two chunks share their bytes', async () => {
    await refusesChange((words) => {
      const heads = wordAt(words, CHUNKS_OFFSET) + WORD;
      return withWord(words, heads + WORD, wordAt(words, heads));
    });
  });

  it('is refused when two lists of the batch share their words', async () => {
    await refusesChange((words) => {
      const offsets = wordAt(words, BATCH_OFFSET) + 2 * WORD;
      // Fee tokens where the commitments are: both have two entries.
      return withWord(words, offsets + 2 * WORD, wordAt(words, offsets + WORD));
    });
  });

  it('is refused when it ends early', async () => {
    const sent = send((words) => words.subarray(0, words.length - 1));
    await expect(sent).to.be.revertedWithoutReason(fixture.world.ethers);
  });
});
