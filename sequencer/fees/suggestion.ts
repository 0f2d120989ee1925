/** From the cost of a slot to a fee that a record can state. Pure. */

import { FEE_EXPONENT_BITS, FEE_MANTISSA_BITS, float16 } from '@quittance/protocol';

const MAX_MANTISSA = (1n << BigInt(FEE_MANTISSA_BITS)) - 1n;
const MAX_FEE = MAX_MANTISSA * 10n ** ((1n << BigInt(FEE_EXPONENT_BITS)) - 1n);
const WEI_PER_ETH = 10n ** 18n;
const PERCENT = 100n;

const ceilDivide = (value: bigint, divisor: bigint): bigint => (value + divisor - 1n) / divisor;

/** The least fee ≥ `value` that a record can state; the highest of all beyond it. */
export function roundFeeUp(value: bigint): bigint {
  let scale = 1n;
  while (ceilDivide(value, scale) > MAX_MANTISSA) scale *= 10n;
  const fee = ceilDivide(value, scale) * scale;
  return fee < MAX_FEE ? fee : MAX_FEE;
}

/** What a suggestion depends on. */
export interface FeeTerms {
  /** Wei of L1 for one transfer; undefined while no prices are known. */
  readonly slotCost: bigint | undefined;
  readonly marginPercent: number;
  /** Base units. */
  readonly minimumFee: bigint;
  readonly maximumFee: bigint | undefined;
  /** Base units that are worth one ETH; undefined where nobody said it. */
  readonly unitsPerEth: bigint | undefined;
}

/**
 * The fee to suggest, in base units: the cost with the margin, at least the minimum, at most the bound, rounded up to what a
 * record can state. The bound is rounded down, unless that is below the minimum, which is asked in any case. Without prices
 * or a rate it is the minimum.
 */
export function suggestFee({ slotCost, marginPercent, minimumFee, maximumFee, unitsPerEth }: FeeTerms): bigint {
  const least = roundFeeUp(minimumFee);
  if (slotCost === undefined || unitsPerEth === undefined) return least;
  const wei = slotCost * (PERCENT + BigInt(marginPercent));
  const fee = roundFeeUp(ceilDivide(wei * unitsPerEth, PERCENT * WEI_PER_ETH));
  const bounded = maximumFee === undefined || fee <= maximumFee ? fee : roundFeeDown(maximumFee);
  if (bounded < least) return least;
  return bounded;
}

function roundFeeDown(value: bigint): bigint {
  return value >= MAX_FEE ? MAX_FEE : float16.decode(float16.encodeFloor(value));
}
