/**
 * Finds the assertion of a batch by its header hash: after a reorg its id may be another. Anyone who may produce can assert
 * our batch too, with signatures of their own choice: what becomes of that says nothing about us.
 */

import { type AssertionChain, type AssertionStatus, type BlockReference, DISPUTE_EVENTS } from '@quittance/chain';
import type { BatchRow, Inclusion } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';
import { placeOf } from './batch-states.ts';

/** Whether this account asserted it. */
export function isAssertedBy({ account }: Pick<AssertionChain, 'account'>, { asserter }: AssertionStatus): boolean {
  return asserter.toLowerCase() === account.toLowerCase();
}

/** An assertion of one of our batches, by whomever. */
export interface FoundAssertion {
  readonly assertionId: bigint;
  readonly place: Inclusion;
  readonly status: AssertionStatus;
  /** It lost its bond because nobody answered. */
  readonly isUnanswered: boolean;
}

/**
 * The assertion with the header of `batch`, waiting or not: one of ours that was rejected, else the last; undefined when L1
 * has none.
 */
export type FindAssertion = (batch: BatchRow, head: BlockReference) => Promise<FoundAssertion | undefined>;

/** A batch cannot stand before its parent. */
export function firstBlockOf({ storage, config }: SequencerContext, { number }: BatchRow): number {
  return storage.batches.get(number - 1)?.inclusion?.blockNumber ?? config.deploymentBlock;
}

/** Looks through the events of the contract. */
export function createAssertionSearch(context: SequencerContext, assertions: AssertionChain): FindAssertion {
  return async (batch, head) => {
    const events = await assertions.events(firstBlockOf(context, batch), head.number, DISPUTE_EVENTS);
    const found: FoundAssertion[] = [];
    for (const event of events) {
      if (event.type !== 'asserted' || event.headerHash !== batch.headerHash) continue;
      const { assertionId } = event;
      const status = await assertions.assertion(assertionId);
      // A reorg between the two answers may have given the id to another batch.
      if (status.headerHash !== batch.headerHash) continue;
      const isUnanswered = events.some(
        (other) => other.type === 'rejected' && other.assertionId === assertionId && other.unanswered,
      );
      found.push({ assertionId, place: placeOf(event), status, isUnanswered });
    }
    return found.find(({ status }) => status.isRejected && isAssertedBy(assertions, status)) ?? found.at(-1);
  };
}
