/** The batch whose gas is counted: 1,000 transfers of kind 1 in the standard profile, as the sequencer would fill it. */

import { float16, float40, PROFILES, type RecordData, RecordKind } from '@quittance/protocol';
import { createRandom } from '../property/random.ts';
import { record } from './batch.ts';

const { slotsPerChunk } = PROFILES.standard;
/** Fee slots of a chunk: one for each of two tokens. */
const FEE_SLOTS_PER_CHUNK = 2;
export const TRANSFER_COUNT = 1000;

/** Records of the nine chunks: random accounts of the whole tree, amounts of three to nine digits, small fees. */
export function standardChunks(seed: string): RecordData[][] {
  const random = createRandom(seed);
  const index = () => random.below(2 ** 24);
  const chunks: RecordData[][] = [];
  for (let left = TRANSFER_COUNT; left > 0; left -= slotsPerChunk - FEE_SLOTS_PER_CHUNK) {
    const transfers = Array.from({ length: Math.min(left, slotsPerChunk - FEE_SLOTS_PER_CHUNK) }, () => ({
      fields: {
        kind: RecordKind.transfer,
        from: index(),
        to: index(),
        amountFloat: float40.encode(BigInt(random.below(1_000_000_000)) * 10n ** 9n),
        feeFloat: Number(float16.encode(BigInt(random.below(2_000)) * 10n ** 9n)),
      },
      words: [],
    }));
    const fees = Array.from({ length: FEE_SLOTS_PER_CHUNK }, () => record(RecordKind.collectFee, [], 0, index()));
    chunks.push([...transfers, ...fees]);
  }
  return chunks;
}
