/** Points outside the prime subgroup, for tests of the cofactor. */

import { SUBGROUP_ORDER, xCandidates } from '@quittance/protocol';
import { type EdwardsPoint, multiplyPoint } from '../../../scripts/generate/fixed-base-table.ts';

/** A point of order 8·l: all of BabyJubJub are multiples of it. */
export function fullOrderPoint(): EdwardsPoint {
  for (let y = 2n; ; y++) {
    const [x] = xCandidates(y);
    if (x !== undefined && multiplyPoint(4n * SUBGROUP_ORDER, [x, y])[1] !== 1n) return [x, y];
  }
}

/** A point of order 8, 4, 2 or 1: 8 times it is (0, 1). */
export function lowOrderPoint(order: 8 | 4 | 2 | 1): EdwardsPoint {
  return multiplyPoint((8n / BigInt(order)) * SUBGROUP_ORDER, fullOrderPoint());
}
