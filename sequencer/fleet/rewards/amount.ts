/** What a proof earns: more, the longer its chunk has waited, so that a price that is too low finds its way up. */

import { float40, RollupError } from '@quittance/protocol';
import type { Reward } from '../types.ts';

/** It grows by itself once in this time, */
const GROWS_IN_MS = 600_000;
/** to so many times itself. */
const MOST_TIMES = 4n;

/** The reward of a statement that is open for so long; an amount that a transfer can state. */
export function rewardAt({ tokenId, amount }: Reward, ageMs: number): Reward {
  const grown = amount + (amount * BigInt(Math.max(0, Math.floor(ageMs)))) / BigInt(GROWS_IN_MS);
  const most = MOST_TIMES * amount;
  return { tokenId, amount: float40.floor(grown < most ? grown : most) };
}

/** @throws RollupError CONFIG_INVALID for an amount that no transfer can state. */
export function requireReward({ amount }: Reward): void {
  if (amount > 0n && float40.isRepresentable(amount)) return;
  const message = `a reward of ${amount} cannot be paid: amounts have 35 significant bits times a power of ten, above 0`;
  throw new RollupError('CONFIG_INVALID', message, { actual: amount });
}
