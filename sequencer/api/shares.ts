/** How much of something each address has, so that none has more than its share. */

/** Shares of all addresses. */
export interface Shares {
  /** Takes so much for an address. @returns how to give it back, once; undefined where that would be more than its share. */
  take(address: string, count: number): (() => void) | undefined;
  /** What all have together. */
  readonly total: number;
}

/** Shares of `most` at most each. Addresses that have nothing are forgotten. */
export function createShares(most: number): Shares {
  const counts = new Map<string, number>();
  let total = 0;
  const add = (address: string, count: number): void => {
    const own = (counts.get(address) ?? 0) + count;
    total += count;
    if (own === 0) counts.delete(address);
    else counts.set(address, own);
  };
  return {
    take(address, count) {
      if ((counts.get(address) ?? 0) + count > most) return undefined;
      add(address, count);
      let isTaken = true;
      return () => {
        if (isTaken) add(address, -count);
        isTaken = false;
      };
    },
    get total() {
      return total;
    },
  };
}
