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
  /**
   * Spends what may not be there: the address owes it then, but never more than a full budget.
   *
   * @returns false where it would owe more than that.
   */
  charge(address: string, units: number): boolean;
}

/** Most addresses that are remembered; then the one that is full soonest is forgotten. */
const MAX_ADDRESSES = 10_000;
/** Addresses are sorted by when they are full in steps of this part of the window. */
const STEPS = 20;

/** What is left of a budget at a time. */
interface Budget {
  readonly units: number;
  readonly atMs: number;
}

/** Addresses by when their budgets are full: from then on nothing is lost when they are forgotten. */
class FullBy {
  /** By the step; those to come are few, since debts are bounded. */
  readonly #addresses = new Map<number, Set<string>>();
  readonly #stepMs: number;

  constructor(windowMs: number) {
    this.#stepMs = windowMs / STEPS;
  }

  /** The step that ends at `atMs` or soon after. */
  stepOf(atMs: number): number {
    return Math.ceil(atMs / this.#stepMs);
  }

  add(step: number, address: string): void {
    const addresses = this.#addresses.get(step) ?? new Set();
    this.#addresses.set(step, addresses.add(address));
  }

  delete(step: number, address: string): void {
    const addresses = this.#addresses.get(step);
    addresses?.delete(address);
    if (addresses?.size === 0) this.#addresses.delete(step);
  }

  /** The address that is full soonest, or was. */
  first(): string | undefined {
    const [address] = this.#addresses.get(Math.min(...this.#addresses.keys())) ?? [];
    return address;
  }

  /** Takes out the addresses that are full at `nowMs`. */
  take(nowMs: number): string[] {
    const full = [...this.#addresses.keys()].filter((step) => step * this.#stepMs <= nowMs);
    return full.flatMap((step) => {
      const addresses = [...this.#addresses.get(step)!];
      this.#addresses.delete(step);
      return addresses;
    });
  }
}

/** Budgets that are all full. */
export function createAllowance({ max, windowMs }: AllowanceLimits, clock: Clock): Allowance {
  const budgets = new Map<string, Budget & { readonly step: number }>();
  const fullBy = new FullBy(windowMs);
  const perMs = max / windowMs;

  /** The budget at this moment. */
  const budgetOf = (address: string): Budget => {
    const nowMs = clock.nowMs();
    const { units, atMs } = budgets.get(address) ?? { units: max, atMs: nowMs };
    return { units: Math.min(max, units + Math.max(0, nowMs - atMs) * perMs), atMs: nowMs };
  };

  const forget = (address: string): void => {
    const budget = budgets.get(address);
    if (budget !== undefined) fullBy.delete(budget.step, address);
    budgets.delete(address);
  };

  const remember = (address: string, { units, atMs }: Budget): void => {
    forget(address);
    if (budgets.size >= MAX_ADDRESSES) for (const full of fullBy.take(atMs)) budgets.delete(full);
    if (budgets.size >= MAX_ADDRESSES) forget(fullBy.first()!);
    const step = fullBy.stepOf(atMs + (max - units) / perMs);
    budgets.set(address, { units, atMs, step });
    fullBy.add(step, address);
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
      const { units: left, atMs } = requireUnits(address, Math.min(max, units));
      remember(address, { units: left - units, atMs });
    },
    charge(address, units) {
      const { units: left, atMs } = budgetOf(address);
      remember(address, { units: Math.min(left, Math.max(-max, left - units)), atMs });
      return left - units >= -max;
    },
  };
}
