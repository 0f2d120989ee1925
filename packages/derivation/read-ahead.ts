/** Reads the data of the next batches from L1 while one is replayed. */

import type { FinalizedBatch, RollupReader } from '@quittance/chain';
import type { Bytes32 } from '@quittance/protocol';
import type { FinalBatches } from './final-batches.ts';

/** Batches that are asked for ahead: some hundred kilobytes each. */
const AHEAD = 8;

type Data = Awaited<ReturnType<RollupReader['batchData']>>;

/**
 * A reader that, asked for the data of one of these batches, asks for that of the next few, too. Each is given once, and
 * what fails ahead of its time fails when it is asked for.
 */
export function readingAhead(
  reader: RollupReader,
  batches: readonly FinalizedBatch[],
  { asserted }: Pick<FinalBatches, 'asserted'>,
): RollupReader {
  const places = new Map<Bytes32, number>();
  const hashes = batches.map((batch, position) => {
    const { transactionHash } = asserted.get(batch.headerHash) ?? batch;
    places.set(transactionHash, position);
    return transactionHash;
  });
  const asked = new Map<Bytes32, Promise<Data>>();
  const ask = (hash: Bytes32): void => {
    if (asked.has(hash)) return;
    const data = reader.batchData(hash);
    data.catch(() => undefined); // whoever asks for it hears of it
    asked.set(hash, data);
  };
  return {
    ...reader,
    batchData(hash) {
      const place = places.get(hash);
      if (place === undefined) return reader.batchData(hash);
      ask(hash);
      const data = asked.get(hash)!;
      asked.delete(hash);
      for (const next of hashes.slice(place + 1, place + 1 + AHEAD)) ask(next);
      return data;
    },
  };
}
