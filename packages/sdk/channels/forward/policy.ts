/** What a party takes for passing payments on, and how much time it needs. Source: docs/channels.md, Routes. */

import { RollupError } from '@quittance/protocol';
import { CLOCKS_APART } from '../side/index.ts';

/** What a hub keeps of a payment, and by how much earlier it expires where it is passed on. */
export interface HubTerms {
  /** Base units of each payment. */
  readonly feeBase: bigint;
  /** Of each million of what is passed on, rounded up. */
  readonly feePartsPerMillion: number;
  /** Seconds. */
  readonly expiryDelta: number;
}

/** What a party takes, and how much time it needs. */
export interface ForwardPolicy extends HubTerms {
  /** Seconds before the expiry of an HTLC in which its secret is shown on L1, if it is not fulfilled yet. */
  readonly revealBefore: number;
  /** Base units of the least HTLC that is passed on: less is not worth showing a secret on L1 for. */
  readonly leastAmount: bigint;
  /** Seconds that an HTLC must have left, both where it is passed on and where it is taken. */
  readonly leastTime: number;
}

/** Enough for L1 at its busiest: half an hour to show a secret. */
export const FORWARD_DEFAULTS: ForwardPolicy = {
  feeBase: 0n,
  feePartsPerMillion: 0,
  expiryDelta: 3_600,
  leastAmount: 1n,
  revealBefore: 1_800,
  leastTime: 2_400,
};

const MILLION = 1_000_000n;

/** What a hub keeps when it passes this amount on. */
export function hubFee({ feeBase, feePartsPerMillion }: HubTerms, amount: bigint): bigint {
  return feeBase + (amount * BigInt(feePartsPerMillion) + MILLION - 1n) / MILLION;
}

/** @throws RollupError CONFIG_INVALID for a policy with which money can be lost. */
export function requirePolicy(policy: ForwardPolicy): ForwardPolicy {
  const { feeBase, feePartsPerMillion, expiryDelta, leastAmount, revealBefore, leastTime } = policy;
  const wrong =
    feeBase < 0n || leastAmount < 0n || !Number.isSafeInteger(feePartsPerMillion) || feePartsPerMillion < 0
      ? 'fees and amounts are whole numbers from 0'
      : revealBefore <= 2 * CLOCKS_APART
        ? `secrets are shown more than ${2 * CLOCKS_APART} seconds before the expiry`
        : leastTime <= revealBefore || expiryDelta <= revealBefore
          ? 'leastTime and expiryDelta are more than revealBefore'
          : undefined;
  if (wrong === undefined) return policy;
  throw new RollupError('CONFIG_INVALID', `payments cannot be passed on like that: ${wrong}`, {});
}
