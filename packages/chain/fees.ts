/** What a transaction offers per gas (EIP-1559), and how much more a replacement must offer. All values are wei. Pure. */

/** Fees per gas. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** What providers say of the market; null where they have no opinion. */
export interface MarketFees {
  readonly maxFeePerGas: bigint | null;
  readonly maxPriorityFeePerGas: bigint | null;
  readonly gasPrice: bigint | null;
}

/** Math.min does not take bigints. */
function lower(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** Math.max does not take bigints. */
function higher(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** Nodes accept a replacement whose both fees are at least 10 % higher (geth's txpool.pricebump). */
const leastRaise = (fee: bigint): bigint => (fee * 110n + 99n) / 100n;

/** 25 % also catches up with the market. */
const raised = (fee: bigint): bigint => (fee * 125n) / 100n + 1n;

/** No fee above `limit`, and no tip above the fee. */
export function capFees({ maxFeePerGas, maxPriorityFeePerGas }: Fees, limit: bigint): Fees {
  const fee = lower(maxFeePerGas, limit);
  return { maxFeePerGas: fee, maxPriorityFeePerGas: lower(maxPriorityFeePerGas, fee) };
}

/** What the market asks; the gas price stands in on an L1 without base fees. */
export function marketFees({ maxFeePerGas, maxPriorityFeePerGas, gasPrice }: MarketFees): Fees {
  const tip = maxPriorityFeePerGas ?? gasPrice ?? 0n;
  return { maxFeePerGas: maxFeePerGas ?? gasPrice ?? tip, maxPriorityFeePerGas: tip };
}

/** Fees of a replacement: 25 % more, or the market's if that is more still, within the limit. */
export function raiseFees(fees: Fees, market: Fees, limit: bigint): Fees {
  return capFees(
    {
      maxFeePerGas: higher(raised(fees.maxFeePerGas), market.maxFeePerGas),
      maxPriorityFeePerGas: higher(raised(fees.maxPriorityFeePerGas), market.maxPriorityFeePerGas),
    },
    limit,
  );
}

/** Whether the limit leaves room for a replacement that nodes accept. */
export function canRaise({ maxFeePerGas, maxPriorityFeePerGas }: Fees, limit: bigint): boolean {
  return leastRaise(maxFeePerGas) <= limit && leastRaise(maxPriorityFeePerGas) <= limit;
}
