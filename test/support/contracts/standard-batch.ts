/** The batch whose gas is counted: 1,000 transfers of kind 1 in the standard profile, as the sequencer would fill it. */

import { float16, float40, PROFILES, type RecordData, RecordKind } from '@quittance/protocol';
import { createRandom, type Random } from '../property/random.ts';
import { record } from './batch.ts';

const { slotsPerChunk } = PROFILES.standard;
/** Fee slots of a chunk: one for each of two tokens. */
const FEE_SLOTS_PER_CHUNK = 2;
export const TRANSFER_COUNT = 1000;

/** A transfer between random accounts of the whole tree, with an amount of three to nine digits and a small fee. */
function randomTransfer(random: Random): RecordData {
  const fields = {
    kind: RecordKind.transfer,
    from: random.below(2 ** 24),
    to: random.below(2 ** 24),
    amountFloat: float40.encode(BigInt(random.below(1_000_000_000)) * 10n ** 9n),
    feeFloat: Number(float16.encode(BigInt(random.below(2_000)) * 10n ** 9n)),
  };
  return { fields, words: [] };
}

/** A chunk of random transfers, and a fee slot for each of two tokens behind them. */
function chunkOf(random: Random, transferCount: number): RecordData[] {
  const transfers = Array.from({ length: transferCount }, () => randomTransfer(random));
  const fees = Array.from({ length: FEE_SLOTS_PER_CHUNK }, () =>
    record(RecordKind.collectFee, [], 0, random.below(2 ** 24)),
  );
  return [...transfers, ...fees];
}

/** Chunks of TRANSFER_COUNT transfers in the standard profile. */
export function standardChunks(seed: string): RecordData[][] {
  const random = createRandom(seed);
  const chunks: RecordData[][] = [];
  const most = slotsPerChunk - FEE_SLOTS_PER_CHUNK;
  for (let left = TRANSFER_COUNT; left > 0; left -= most) chunks.push(chunkOf(random, Math.min(left, most)));
  return chunks;
}

/** Full chunks of any profile. */
export function filledChunks(seed: string, slots: number, chunkCount: number): RecordData[][] {
  const random = createRandom(seed);
  return Array.from({ length: chunkCount }, () => chunkOf(random, slots - FEE_SLOTS_PER_CHUNK));
}
