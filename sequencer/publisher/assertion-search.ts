/** Finds our own assertion of a batch by its header hash: after a reorg its id may be another. */

import type { AssertionReader, AssertionStatus, BlockReference } from '../../chain/index.ts';
import type { BatchRow, Inclusion } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';
import { placeOf } from './batch-states.ts';

/** An assertion of one of our batches, by whomever. */
export interface FoundAssertion {
  readonly assertionId: bigint;
  readonly place: Inclusion;
  readonly status: AssertionStatus;
  /** It lost its bond because nobody answered. */
  readonly isUnanswered: boolean;
}

/** The last assertion with the header of `batch`, waiting or not; undefined when L1 has none. */
export type FindAssertion = (batch: BatchRow, head: BlockReference) => Promise<FoundAssertion | undefined>;

/** A batch cannot stand before its parent. */
export function firstBlockOf({ storage, config }: SequencerContext, { number }: BatchRow): number {
  return storage.batches.get(number - 1)?.inclusion?.blockNumber ?? config.deploymentBlock;
}

/** Looks through the events of the contract. */
export function createAssertionSearch(context: SequencerContext, assertions: AssertionReader): FindAssertion {
  return async (batch, head) => {
    const events = await assertions.events(firstBlockOf(context, batch), head.number);
    const found = events.findLast((event) => event.type === 'asserted' && event.headerHash === batch.headerHash);
    if (found?.type !== 'asserted') return undefined;
    const { assertionId } = found;
    const status = await assertions.assertion(assertionId);
    // A reorg between the two answers gave the id to another batch.
    if (status.headerHash !== batch.headerHash) return undefined;
    const isUnanswered = events.some(
      (event) => event.type === 'rejected' && event.assertionId === assertionId && event.unanswered,
    );
    return { assertionId, place: placeOf(found), status, isUnanswered };
  };
}
