/**
 * How much each address may ask for: a budget that refills evenly. It is spent by what calls cost, not by how many they are,
 * and what turns out to have been for nothing can be charged afterwards.
 */

import { RollupError } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';

/** So many units within the window, and no more than that at once. */
export interface AllowanceLimits {
  readonly max: number;
  readonly windowMs: number;
}

/** The budgets of all addresses. */
export interface Allowance {
  /** Spends, all or nothing. @throws RollupError RATE_LIMITED when less is left; a call that costs more than all takes all. */
  spend(address: string, units: number): void;
  /** Spends what may not be there: the address owes it then. */
  charge(address: string, units: number): void;
}

/** Most addresses that are remembered; then the one that was away for longest is forgotten. */
const MAX_ADDRESSES = 10_000;

interface Budget {
  units: number;
  atMs: number;
}

/** Budgets that are all full. */
export function createAllowance({ max, windowMs }: AllowanceLimits, clock: Clock): Allowance {
  const budgets = new Map<string, Budget>();
  const perMs = max / windowMs;

  /** The budget at this moment. */
  const budgetOf = (address: string): Budget => {
    const nowMs = clock.nowMs();
    const budget = budgets.get(address) ?? { units: max, atMs: nowMs };
    budgets.delete(address);
    if (budgets.size >= MAX_ADDRESSES) budgets.delete(budgets.keys().next().value!);
    budgets.set(address, budget);
    budget.units = Math.min(max, budget.units + Math.max(0, nowMs - budget.atMs) * perMs);
    budget.atMs = nowMs;
    return budget;
  };

  const requireUnits = (address: string, units: number): Budget => {
    const budget = budgetOf(address);
    if (budget.units >= units) return budget;
    const retryAfterSeconds = Math.ceil((units - budget.units) / perMs / 1_000);
    throw new RollupError('RATE_LIMITED', `this address asks for too much: try again in ${retryAfterSeconds} s`, {
      retryAfterSeconds,
      expected: `at most ${max} units in ${windowMs / 1_000} s`,
      actual: units,
    });
  };

  return {
    spend(address, units) {
      requireUnits(address, Math.min(max, units)).units -= units;
    },
    charge(address, units) {
      budgetOf(address).units -= units;
    },
  };
}
