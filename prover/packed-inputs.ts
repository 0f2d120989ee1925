/** From the bytes of an executed chunk to the inputs of all its tiles. */

import {
  encodeRecord,
  nextVisibleSum,
  type Operation,
  operationsOf,
  type PackedTrace,
  readWord,
  SHARD_COUNT,
  viewOf,
  WORD_BYTES,
} from '@quittance/protocol';
import { accumulate } from './evaluation.ts';
import { type CircuitInputs, contextInputs, foldsOf, weightsInputs } from './inputs.ts';
import { packedSlotInputs, shardsBefore } from './packed-slots.ts';
import type { TileInputs } from './witness/types.ts';

/** Sum over the visible records before each slot. */
function visibleSums(operations: readonly Operation[], challenge: bigint): bigint[] {
  let sumV = 0n;
  return operations.map((operation) => {
    const before = sumV;
    sumV = nextVisibleSum(sumV, challenge, operation);
    return before;
  });
}

function shardsInput(shards: Uint8Array): CircuitInputs {
  const view = viewOf(shards);
  return { shards: Array.from({ length: SHARD_COUNT }, (_, position) => readWord(view, WORD_BYTES * position)) };
}

/**
 * Inputs of all tiles of a chunk by the tile's name, in the order of the layout's instances.
 *
 * @throws RollupError WRONG_LENGTH or OUT_OF_RANGE for bytes that are no trace, or a challenge of more than 128 bits.
 */
export function chunkTileInputs(trace: PackedTrace, challenge: bigint): TileInputs {
  const operations = operationsOf(trace);
  const { slots, groups } = accumulate(
    operations.map(({ fields }) => encodeRecord(fields)),
    challenge,
  );
  const sums = visibleSums(operations, challenge);
  const bindings = slots.map((part, slot) => ({ ...part, sumV: sums[slot]! }));
  return {
    slot: packedSlotInputs(trace, challenge, operations, bindings),
    root: [0, operations.length].map((end) => shardsInput(shardsBefore(trace, operations, end))),
    context: [contextInputs(trace)],
    weights: [weightsInputs(challenge)],
    fold: foldsOf(groups, challenge),
  };
}
