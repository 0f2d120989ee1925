/** Chooses the leaf of each new account: the lowest that is neither used nor reserved. */

import { RollupError, TREE_CAPACITY } from '@quittance/protocol';

/** Hands out free leaves. */
export interface LeafAllocator {
  /** The leaf that `take` would return. @throws RollupError TREE_FULL. */
  peek(): number;
  /** Reserves the lowest free leaf. */
  take(): number;
  /** Marks a leaf as used, wherever it is. */
  occupy(index: number): void;
  /** Gives a reserved leaf back. */
  release(index: number): void;
  /** Leaves that are used or reserved. */
  readonly usedCount: number;
}

/** An allocator of an empty tree of `capacity` leaves. */
export function createLeafAllocator(capacity: number = TREE_CAPACITY): LeafAllocator {
  /** Every leaf below it was once used; those that are free again are in `released`. */
  let frontier = 0;
  const released = new Set<number>();
  /** Used leaves at or above the frontier. */
  const ahead = new Set<number>();

  const lowest = (): number => {
    let index = frontier;
    for (const candidate of released) if (candidate < index) index = candidate;
    if (index >= capacity) {
      throw new RollupError('TREE_FULL', `all ${capacity} leaves of the tree are used`, {
        expected: capacity,
        actual: index,
      });
    }
    return index;
  };
  const occupy = (index: number): void => {
    if (index < frontier) {
      released.delete(index);
      return;
    }
    ahead.add(index);
    while (ahead.delete(frontier)) frontier += 1;
  };
  return {
    peek: lowest,
    take() {
      const index = lowest();
      occupy(index);
      return index;
    },
    occupy,
    release(index) {
      if (!ahead.delete(index) && index < frontier) released.add(index);
    },
    get usedCount() {
      return frontier - released.size + ahead.size;
    },
  };
}
