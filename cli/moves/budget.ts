/** What one look may spend on L1. Source: docs/how-to/move-to-a-new-version.md. */

/** Money for gas and for the fees of destinations, in wei. */
export interface Budget {
  /** The most of all transactions together; undefined where nothing bounds it. */
  readonly most: bigint | undefined;
  /** So far. What became of a transaction that failed is reckoned, not read. */
  readonly spent: bigint;
  /** Whether something did not fit any more. What comes behind it is worth less, and waits as well. */
  readonly isUsedUp: boolean;
  /** Wei that are left; undefined where nothing bounds them. */
  left(): bigint | undefined;
  /** Takes this much for a transaction before it is sent. @returns what gives back all but `actual` afterwards. */
  take(wei: bigint): (actual: bigint) => void;
  useUp(): void;
}

/** A budget of which nothing is spent. */
export function createBudget(most?: bigint): Budget {
  let spent = 0n;
  let isUsedUp = false;
  return {
    most,
    get spent() {
      return spent;
    },
    get isUsedUp() {
      return isUsedUp;
    },
    left() {
      if (most === undefined) return undefined;
      return spent < most ? most - spent : 0n;
    },
    take(wei) {
      spent += wei;
      return (actual) => {
        spent += actual - wei;
      };
    },
    useUp() {
      isUsedUp = true;
    },
  };
}
