/** Attacks found, or tried, by an audit of the contracts that no other test had. */

import { expect } from 'chai';
import type { ContractTransactionResponse } from 'ethers';
import { buildBatch, finalNumber, latestTime, rollupFixture, transfer } from '../support/contracts.ts';

const WORD = 32;
/** Positions behind the selector (docs/protocol.md, Batch and header). */
const NUMBER_OF_PARENT = 0;
const BATCH_OFFSET = 9 * WORD;
const CHUNKS_OFFSET = 10 * WORD;

describe('audit: calldata that decoders may read differently', () => {
  const fixture = rollupFixture();

  const wordAt = (bytes: Buffer, position: number) =>
    Number(BigInt(`0x${bytes.subarray(position, position + WORD).toString('hex')}`));
  const send = async (change: (words: Buffer) => void): Promise<ContractTransactionResponse> => {
    const { world } = fixture;
    const { parent, batch, chunks, proofs } = buildBatch(world, {
      parent: world.genesis,
      time: await latestTime(world),
      chunks: [[transfer(1, 2)], [transfer(1, 2)]],
    });
    const data = world.rollup.interface.encodeFunctionData('submitBatch', [parent, batch, chunks, proofs]);
    const bytes = Buffer.from(data.slice(2), 'hex');
    change(bytes.subarray(4));
    const to = await world.rollup.getAddress();
    return world.producer.sendTransaction({ to, data: `0x${bytes.toString('hex')}` }) as never;
  };
  /** Position of a chunk's length. */
  const chunkAt = (words: Buffer, chunk: number) => {
    const heads = wordAt(words, CHUNKS_OFFSET) + WORD;
    return heads + wordAt(words, heads + chunk * WORD);
  };

  it('refuses a padding that is not 0, which strict decoders do not take', async () => {
    for (const chunk of [0, 1]) {
      for (const behind of [0, 1]) {
        const sent = send((words) => {
          const start = chunkAt(words, chunk);
          const end = start + WORD + wordAt(words, start);
          // Two blocks of 31 bytes leave two bytes of padding.
          words[end + behind] = 1;
        });
        await expect(sent).to.be.revertedWithCustomError(fixture.world.rollup, 'CalldataNotCanonical');
      }
    }
    await send(() => {});
    expect(await finalNumber(fixture.world)).to.equal(1);
  });

  it('refuses numbers with bits above their width', async () => {
    const number = (words: Buffer) => wordAt(words, BATCH_OFFSET);
    for (const [position, bits] of [
      [() => NUMBER_OF_PARENT, 64],
      [() => NUMBER_OF_PARENT + WORD, 40],
      [() => 6 * WORD, 32],
      [() => 7 * WORD, 64],
      [() => 8 * WORD, 64],
      [number, 64],
      [(words: Buffer) => number(words) + WORD, 40],
    ] as const) {
      for (const bit of [bits, 255]) {
        const sent = send((words) => {
          const byte = position(words) + WORD - 1 - Math.floor(bit / 8);
          words[byte] = words[byte]! | (1 << (bit % 8));
        });
        await expect(sent).to.revert(fixture.world.ethers);
      }
    }
  });

  it('refuses lengths so great that positions would wrap around', async () => {
    for (const length of [2n ** 256n - 63n, 2n ** 256n - 32n, 2n ** 256n - 1n, 2n ** 64n, 2n ** 32n]) {
      const sent = send((words) => {
        Buffer.from(length.toString(16).padStart(2 * WORD, '0'), 'hex').copy(words, chunkAt(words, 1));
      });
      await expect(sent).to.revert(fixture.world.ethers);
    }
  });
});
