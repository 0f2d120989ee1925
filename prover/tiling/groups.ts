/** How a chunk's blocks are grouped. Source: docs/protocol.md, Slot interface and tiling. */

import { BLOCKS_PER_GROUP, RECORDS_PER_BLOCK } from '@quittance/protocol';

/** Where a block stands among the groups. */
export interface BlockPlace {
  /** Position of its group, in the order of the slots. */
  readonly group: number;
  /** The power of z that its records count with in the group: 15 for the first block of a full one, 0 for the last. */
  readonly weight: number;
  readonly startsGroup: boolean;
  readonly endsGroup: boolean;
}

/**
 * The places of all blocks of a chunk of `slotCount` slots. Groups are counted from the end, so that the first one may
 * have fewer blocks and each ends with weight 0.
 */
export function blockPlaces(slotCount: number): BlockPlace[] {
  const blockCount = slotCount / RECORDS_PER_BLOCK;
  const groupOf = (exponent: number): number => Math.floor(exponent / BLOCKS_PER_GROUP);
  return Array.from({ length: blockCount }, (_, block) => {
    const exponent = blockCount - 1 - block;
    const weight = exponent % BLOCKS_PER_GROUP;
    return {
      group: groupOf(blockCount - 1) - groupOf(exponent),
      weight,
      startsGroup: block === 0 || weight === BLOCKS_PER_GROUP - 1,
      endsGroup: weight === 0,
    };
  });
}
