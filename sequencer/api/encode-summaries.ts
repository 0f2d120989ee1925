/** What waits on L1, and figures over time, as JSON. */

import type { AssertionJson, StatisticsJson } from '@quittance/rpc';
import { INTERVAL_MS, type StatisticsPoint } from '../statistics.ts';
import type { WaitingAssertion } from '../waiting-assertions.ts';

export function encodeAssertion({ assertionId, bond, disputes, ...rest }: WaitingAssertion): AssertionJson {
  return {
    assertionId: assertionId.toString(),
    ...rest,
    asserter: rest.asserter.toLowerCase(),
    bond: bond.toString(),
    disputes: disputes.map((dispute) => ({
      ...dispute,
      challenger: dispute.challenger.toLowerCase(),
      bond: dispute.bond.toString(),
    })),
  };
}

export function encodeStatistics(points: readonly StatisticsPoint[]): StatisticsJson {
  return {
    intervalMs: INTERVAL_MS,
    points: points.map(({ latencyP50Ms, latencyP99Ms, gasUsed, gasCost, fees, ...counts }) => ({
      ...counts,
      latencyP50Ms: latencyP50Ms ?? null,
      latencyP99Ms: latencyP99Ms ?? null,
      gasUsed: gasUsed.toString(),
      gasCost: gasCost.toString(),
      fees: [...fees].map(([tokenId, amount]) => ({ tokenId, amount: amount.toString() })),
    })),
  };
}
