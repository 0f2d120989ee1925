import { RecordKind } from '@quittance/protocol';
import { expect } from 'chai';
import { buildBatch, record, submitArguments, transfer } from '../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../support/contracts/deployment.ts';
import { refuses } from '../support/contracts/refusal.ts';

const WORD = 32;
/** Positions behind the selector: offsets of batch, data and proofs stand behind the header's nine words. */
const BATCH_OFFSET = 9 * WORD;
const DATA_OFFSET = 10 * WORD;
const PROOFS_OFFSET = 11 * WORD;
const TRANSFER_AND_WITHDRAWAL = [transfer(1, 2), record(RecordKind.withdraw, [0n, 1n, 2n])];
/** Places in the data's head. */
const [CHUNKS, VISIBLE, EVALUATIONS, OPENING] = [0, 1, 2, 3];

describe('calldata of submitBatch', () => {
  const fixture = rollupFixture();

  const wordAt = (bytes: Buffer, position: number) =>
    Number(BigInt(`0x${bytes.subarray(position, position + WORD).toString('hex')}`));
  const withWord = (bytes: Buffer, position: number, value: number) => {
    const changed = Buffer.from(bytes);
    Buffer.from(value.toString(16).padStart(2 * WORD, '0'), 'hex').copy(changed, position);
    return changed;
  };

  /** Selector and arguments of a good batch with two equal chunks, each with a visible record. */
  const canonical = async () => {
    const { world } = fixture;
    const built = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [TRANSFER_AND_WITHDRAWAL, TRANSFER_AND_WITHDRAWAL],
    });
    const data = world.rollup.interface.encodeFunctionData('submitBatch', submitArguments(built));
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
    await refusesChange((words) => insert(words, wordAt(words, DATA_OFFSET), [DATA_OFFSET, PROOFS_OFFSET]));
    await refusesChange((words) =>
      insert(words, wordAt(words, BATCH_OFFSET), [BATCH_OFFSET, DATA_OFFSET, PROOFS_OFFSET]),
    );
  });

  it('is refused with its parts in another order', async () => {
    await refusesChange((words) => {
      const [dataAt, proofsAt] = [wordAt(words, DATA_OFFSET), wordAt(words, PROOFS_OFFSET)];
      const [data, proofs] = [words.subarray(dataAt, proofsAt), words.subarray(proofsAt)];
      const swapped = Buffer.concat([words.subarray(0, dataAt), proofs, data]);
      return withWord(withWord(swapped, PROOFS_OFFSET, dataAt), DATA_OFFSET, dataAt + proofs.length);
    });
  });

  /** Where a list of the data stands. */
  const listAt = (words: Buffer, list: number) => {
    const data = wordAt(words, DATA_OFFSET);
    return data + wordAt(words, data + list * WORD);
  };

  it('is refused with a gap before a list of the data, or its lists in another order', async () => {
    await refusesChange((words) => {
      const data = wordAt(words, DATA_OFFSET);
      const place = data + OPENING * WORD;
      const at = listAt(words, OPENING);
      const moved = withWord(
        withWord(words, place, wordAt(words, place) + WORD),
        PROOFS_OFFSET,
        wordAt(words, PROOFS_OFFSET) + WORD,
      );
      return Buffer.concat([moved.subarray(0, at), Buffer.alloc(WORD), moved.subarray(at)]);
    });
    // Both are empty, so that each reads the same where the other stands.
    await refusesChange((words) => {
      const data = wordAt(words, DATA_OFFSET);
      const [evaluations, opening] = [data + EVALUATIONS * WORD, data + OPENING * WORD];
      return withWord(withWord(words, evaluations, wordAt(words, opening)), opening, wordAt(words, evaluations));
    });
  });

  it('is refused with anything but 0 in the padding of a chunk or of a visible list', async () => {
    for (const list of [CHUNKS, VISIBLE]) {
      await refusesChange((words) => {
        const heads = listAt(words, list) + WORD;
        const first = heads + wordAt(words, heads);
        const changed = Buffer.from(words);
        const end = first + WORD + Math.ceil(wordAt(words, first) / WORD) * WORD;
        changed[end - 1] = 1;
        return changed;
      });
    }
  });

  it('is refused when its last bytes end without padding, which decoders take or leave', async () => {
    await refusesChange((words) => {
      const [dataAt, proofsAt] = [wordAt(words, DATA_OFFSET), wordAt(words, PROOFS_OFFSET)];
      const [data, proofs] = [words.subarray(dataAt, proofsAt), words.subarray(proofsAt)];
      // The visible list, moved to the end of all: 112 bytes leave 16 of padding.
      const swapped = Buffer.concat([words.subarray(0, dataAt), proofs, data.subarray(0, data.length - 16)]);
      return withWord(withWord(swapped, PROOFS_OFFSET, dataAt), DATA_OFFSET, dataAt + proofs.length);
    });
  });

  it('is refused when two chunks or two visible lists share their bytes', async () => {
    for (const list of [CHUNKS, VISIBLE]) {
      await refusesChange((words) => {
        const heads = listAt(words, list) + WORD;
        return withWord(words, heads + WORD, wordAt(words, heads));
      });
    }
  });

  it('is refused with a length that no calldata has', async () => {
    for (const list of [CHUNKS, VISIBLE, EVALUATIONS, OPENING]) {
      await refusesChange((words) => withWord(words, listAt(words, list), 2 ** 40));
    }
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
