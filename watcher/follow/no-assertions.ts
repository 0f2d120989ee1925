/** The reader of a rollup without optimistic mode: nothing ever waits, and batches are final when they arrive. */

import type { AssertionConstants, AssertionReader, RollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';

/** No clock runs, and no bond is taken. */
export const NO_ASSERTIONS: AssertionConstants = {
  address: `0x${'00'.repeat(20)}`,
  challengePeriodSeconds: 0,
  answerWindowSeconds: 0,
  stepWindowSeconds: 0,
  assertionBond: 0n,
  disputeBond: 0n,
  maxPending: 0,
};

/** A reader of nothing. */
export function withoutAssertions(reader: RollupReader): AssertionReader {
  const none = async (): Promise<never> => {
    const { contract } = reader;
    throw new RollupError('NO_OPTIMISTIC_MODE', `the rollup ${contract} has no optimistic mode`, { contract });
  };
  return {
    connect: async () => NO_ASSERTIONS,
    events: async () => [],
    counts: async () => ({ assertionCount: 0, disputeCount: 0 }),
    async pendingRange() {
      const { number } = await reader.finalState();
      return { finalNumber: number, lastNumber: number };
    },
    pendingId: async () => undefined,
    assertion: none,
    chunkDisputes: none,
    dispute: none,
    isFinalizable: async () => false,
    stepCommittedAt: async () => 0,
    creditOf: async () => 0n,
    submission: none,
  };
}
