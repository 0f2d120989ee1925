/**
 * The assertions of our batches on L1, and their bonds. Assertions are looked up by header hash, because a reorg can change
 * their ids. Any producer can assert our batch too, with signatures of its choice: what becomes of that says nothing about
 * ours.
 */

import {
  type AssertionChain,
  type AssertionConstants,
  type AssertionStatus,
  type BlockReference,
  DISPUTE_EVENTS,
} from '@quittance/chain';
import { isRollupError, isSameAddress } from '@quittance/protocol';
import type { Logger } from '../../runtime/index.ts';
import type { BatchRow, Inclusion } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';
import { placeOf } from './batch-states.ts';
import { firstBlockOf } from './first-block.ts';
import type { PosterOptions } from './poster.ts';

/** Whether this account asserted it. */
export function isAssertedBy({ account }: Pick<AssertionChain, 'account'>, { asserter }: AssertionStatus): boolean {
  return isSameAddress(asserter, account);
}

/** An assertion of one of our batches, whoever made it. */
export interface FoundAssertion {
  readonly assertionId: bigint;
  readonly place: Inclusion;
  readonly status: AssertionStatus;
  /**
   * Whether it lost its bond because nobody answered a dispute; undefined as long as no event up to the head that was
   * read tells of a rejection: the status can be that of a newer block.
   */
  readonly isUnanswered: boolean | undefined;
}

/**
 * Finds the assertion with the header of `batch`, waiting or not: one of ours that was rejected if there is one, else the
 * latest; undefined when L1 has none.
 */
export type FindAssertion = (batch: BatchRow, head: BlockReference) => Promise<FoundAssertion | undefined>;

/** A search through the events of the contract. */
export function createAssertionSearch(context: SequencerContext, assertions: AssertionChain): FindAssertion {
  return async (batch, head) => {
    const events = await assertions.events(await firstBlockOf(context, batch), head.number, DISPUTE_EVENTS);
    const found: FoundAssertion[] = [];
    for (const event of events) {
      if (event.type !== 'asserted' || event.headerHash !== batch.headerHash) continue;
      const { assertionId } = event;
      const status = await assertions.assertion(assertionId);
      // A reorg between the two answers may have given the id to another batch.
      if (status.headerHash !== batch.headerHash) continue;
      const rejection = events.find((other) => other.type === 'rejected' && other.assertionId === assertionId);
      const isUnanswered = rejection?.type === 'rejected' ? rejection.unanswered : undefined;
      found.push({ assertionId, place: placeOf(event), status, isUnanswered });
    }
    return found.find(({ status }) => status.isRejected && isAssertedBy(assertions, status)) ?? found.at(-1);
  };
}

/** Gets the bonds of our account back. Nothing is sent once the signal is aborted. */
export interface Bonds {
  /** Credits the bond of an assertion that is final or removed, if it is ours and still there. */
  release(found: Pick<FoundAssertion, 'assertionId' | 'status'>, signal: AbortSignal): Promise<void>;
  /** Pays out what was credited, once it is worth the gas or nothing of ours waits. */
  collect(waitingCount: number, signal: AbortSignal): Promise<void>;
}

/** While batches wait, credits are collected only once they add up to this many bonds, to save gas. */
const COLLECT_AFTER_BONDS = 4n;

/** Bonds of the account of `assertions`. */
export function createBonds(assertions: AssertionChain, terms: AssertionConstants, logger: Logger): Bonds {
  const unlessRefused = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isRollupError(error, 'L1_REJECTED')) throw error;
      logger.warn(`${what} was refused`, { reason: error.message });
    }
  };
  return {
    async release({ assertionId, status }, signal) {
      if (status.isReleased || status.isRejected || !isAssertedBy(assertions, status)) return;
      await unlessRefused('releasing a bond', () => assertions.send({ type: 'releaseBond', assertionId }, signal));
    },
    async collect(waitingCount, signal) {
      const credit = await assertions.creditOf(assertions.account);
      const enough = waitingCount === 0 ? 1n : COLLECT_AFTER_BONDS * terms.assertionBond;
      if (credit < enough) return;
      await unlessRefused('collecting bonds', () =>
        assertions.send({ type: 'collectCredit', receiver: assertions.account }, signal),
      );
      logger.info('collected bonds', { wei: credit });
    },
  };
}

/** What the steps of publishing by assertion share. */
export interface AssertingParts extends PosterOptions {
  readonly assertions: AssertionChain;
  readonly terms: AssertionConstants;
  readonly find: FindAssertion;
  readonly bonds: Bonds;
  /** Batches that were certainly never sent: sealed since the start, with no failed attempt. */
  readonly neverSent: Set<number>;
}
