/**
 * What a transaction offers per gas (EIP-1559) and per gas of its blobs (EIP-4844), and how much more a replacement
 * must offer. All values are wei. Pure.
 */

/** Fees per gas; of a transaction with blobs three. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** Only of a transaction with blobs. */
  readonly maxFeePerBlobGas?: bigint;
}

/** The most that is ever offered. */
export interface FeeLimits {
  readonly maxFeePerGas: bigint;
  readonly maxFeePerBlobGas: bigint;
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

/** Of a transaction with blobs nodes accept a replacement when each of its three fees has doubled (geth's blobpool). */
const doubled = (fee: bigint): bigint => higher(fee * 2n, 1n);

/** The price of blobs at most rises by an eighth a block: twice the present one holds for five blocks. */
const roomToRise = (blobBaseFee: bigint): bigint => higher(blobBaseFee * 2n, 1n);

/** No fee above its limit, and no tip above the fee. */
export function capFees({ maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas }: Fees, limits: FeeLimits): Fees {
  const fee = lower(maxFeePerGas, limits.maxFeePerGas);
  const plain = { maxFeePerGas: fee, maxPriorityFeePerGas: lower(maxPriorityFeePerGas, fee) };
  if (maxFeePerBlobGas === undefined) return plain;
  return { ...plain, maxFeePerBlobGas: lower(maxFeePerBlobGas, limits.maxFeePerBlobGas) };
}

/**
 * What the market asks; the gas price stands in on an L1 without base fees.
 *
 * @param blobBaseFee price of blobs now, for a transaction that has some.
 */
export function marketFees({ maxFeePerGas, maxPriorityFeePerGas, gasPrice }: MarketFees, blobBaseFee?: bigint): Fees {
  const tip = maxPriorityFeePerGas ?? gasPrice ?? 0n;
  const plain = { maxFeePerGas: maxFeePerGas ?? gasPrice ?? tip, maxPriorityFeePerGas: tip };
  return blobBaseFee === undefined ? plain : { ...plain, maxFeePerBlobGas: roomToRise(blobBaseFee) };
}

/**
 * Fees of a replacement, or the market's where that is more, within the limits: 25 % more; with blobs twice as much of
 * each, since nodes take no other.
 */
export function raiseFees(fees: Fees, market: Fees, limits: FeeLimits): Fees {
  const { maxFeePerBlobGas } = fees;
  const raise = maxFeePerBlobGas === undefined ? raised : doubled;
  const plain = {
    maxFeePerGas: higher(raise(fees.maxFeePerGas), market.maxFeePerGas),
    maxPriorityFeePerGas: higher(raise(fees.maxPriorityFeePerGas), market.maxPriorityFeePerGas),
  };
  if (maxFeePerBlobGas === undefined) return capFees(plain, limits);
  return capFees(
    { ...plain, maxFeePerBlobGas: higher(doubled(maxFeePerBlobGas), market.maxFeePerBlobGas ?? 0n) },
    limits,
  );
}

/** Whether the limits leave room for a replacement that nodes accept. */
export function canRaise({ maxFeePerGas, maxPriorityFeePerGas, maxFeePerBlobGas }: Fees, limits: FeeLimits): boolean {
  const least = maxFeePerBlobGas === undefined ? leastRaise : doubled;
  return (
    least(maxFeePerGas) <= limits.maxFeePerGas &&
    least(maxPriorityFeePerGas) <= limits.maxFeePerGas &&
    (maxFeePerBlobGas === undefined || doubled(maxFeePerBlobGas) <= limits.maxFeePerBlobGas)
  );
}
