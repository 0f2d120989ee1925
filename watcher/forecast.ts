/** What disputes would cost: typical gas of each action at today's price, and the bonds. */

import type { AssertionConstants } from '@quittance/chain';
import type { Move } from './dispute/modes.ts';

/**
 * Gas of one action for a chunk of `standard` (124 slots), calldata included: what was measured on the contracts, rounded
 * up (test/contracts/assertion-gas.snapshot.json). The dry run before each transaction has the exact number.
 */
export const TYPICAL_GAS: Readonly<Record<Move, bigint>> = {
  dispute: 140_000n,
  answer: 190_000n,
  commit: 50_000n,
  prove: 2_800_000n,
  reject: 100_000n,
  finalize: 110_000n,
  settle: 60_000n,
  settleForOther: 60_000n,
  release: 60_000n,
  collect: 35_000n,
};

/** One action. */
export interface ForecastLine {
  readonly move: Move;
  readonly gas: bigint;
  readonly costWei: bigint;
  /** Wei sent along and returned unless the dispute is lost. */
  readonly bondWei: bigint;
}

/** The costs of all actions. */
export interface Forecast {
  readonly feePerGas: bigint;
  readonly lines: readonly ForecastLine[];
  /** What the account needs to defeat a lie that is answered: gas for dispute, commitment and proof, and the bond. */
  readonly challengeWei: bigint;
  /** Half an assertion's bond, which goes to whoever proves the wrong step, or to the first disputer without an answer. */
  readonly rewardWei: bigint;
}

/** The costs at this gas price. */
export function forecast({ disputeBond, assertionBond }: AssertionConstants, feePerGas: bigint): Forecast {
  const costOf = (move: Move): bigint => TYPICAL_GAS[move] * feePerGas;
  return {
    feePerGas,
    lines: (Object.keys(TYPICAL_GAS) as Move[]).map((move) => ({
      move,
      gas: TYPICAL_GAS[move],
      costWei: costOf(move),
      bondWei: move === 'dispute' ? disputeBond : 0n,
    })),
    challengeWei: costOf('dispute') + costOf('commit') + costOf('prove') + disputeBond,
    rewardWei: assertionBond / 2n,
  };
}
