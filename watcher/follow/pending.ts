/** Reads the waiting batches, as far as their events have been read. */

import type { AssertionReader, AssertionStatus } from '@quittance/chain';
import type { KnownAssertion, L1Model } from './model.ts';

/** A waiting batch as L1 has it. */
export interface PendingBatch {
  readonly assertion: KnownAssertion;
  readonly status: AssertionStatus;
}

/** Waiting batches in order. */
export interface Pending {
  readonly batches: readonly PendingBatch[];
  /** Whether these are all of them. The contract may know newer ones, whose events the next poll reads. */
  readonly isComplete: boolean;
  /** Describes what the contract knows and no event reported. */
  readonly missing: readonly string[];
}

/** Reads them. @throws RollupError L1_UNREACHABLE. */
export async function readPending(assertions: AssertionReader, model: L1Model, finalNumber: number): Promise<Pending> {
  const range = await assertions.pendingRange();
  if (range.finalNumber !== finalNumber) {
    // A node that is behind shows less than was read: nothing is missing then.
    const missing = range.finalNumber > finalNumber ? [`final batch ${finalNumber + 1}`] : [];
    return { batches: [], isComplete: false, missing };
  }
  const numbers = Array.from({ length: range.lastNumber - finalNumber }, (_, offset) => finalNumber + 1 + offset);
  const ids = await Promise.all(numbers.map((number) => assertions.pendingId(number)));
  const batches: PendingBatch[] = [];
  for (const [position, assertionId] of ids.entries()) {
    const assertion = assertionId === undefined ? undefined : model.assertions.get(assertionId);
    if (assertion === undefined || assertion.header.number !== numbers[position]) {
      return { batches, isComplete: false, missing: assertionId === undefined ? [] : [`assertion ${assertionId}`] };
    }
    const status = await assertions.assertion(assertion.assertionId);
    if (status.headerHash !== assertion.headerHash || !status.isPending) {
      return { batches, isComplete: false, missing: [] };
    }
    batches.push({ assertion, status });
  }
  return { batches, isComplete: true, missing: [] };
}
