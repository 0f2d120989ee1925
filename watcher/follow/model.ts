/** What the events of L1 say, folded into batches, disputes and answers. Pure. */

import type { FinalizedBatch, L1Inclusion } from '@quittance/chain';
import type { Bytes32, StoredHeader } from '@quittance/protocol';
import type { WatchedEvent } from '../store/events.ts';

/** An assertion, or a proven batch that waited. */
export interface KnownAssertion extends L1Inclusion {
  readonly assertionId: bigint;
  readonly header: StoredHeader;
  readonly headerHash: Bytes32;
  readonly asserter: string;
  readonly isProven: boolean;
}

/** A dispute that was opened. */
export interface KnownDispute {
  readonly disputeId: bigint;
  readonly assertionId: bigint;
  readonly chunk: number;
  readonly disputer: string;
  readonly isSettled: boolean;
}

/** Everything of L1 that still matters. */
export interface L1Model {
  /** Final batches after the checkpoint, in order. */
  readonly finals: readonly FinalizedBatch[];
  readonly assertions: ReadonlyMap<bigint, KnownAssertion>;
  readonly disputes: ReadonlyMap<bigint, KnownDispute>;
  readonly rejected: ReadonlySet<bigint>;
  /** Assertions whose bond went back or was burned. */
  readonly released: ReadonlySet<bigint>;
  /** Block of the last event of each assertion. */
  readonly lastBlocks: ReadonlyMap<bigint, number>;
  /** The answer for a chunk: commitments after slots 0 to M − 2. */
  answerOf(assertionId: bigint, chunk: number): readonly Bytes32[] | undefined;
  /** The assertion, if any, whose data a final batch has. */
  assertionOf(headerHash: Bytes32): KnownAssertion | undefined;
  disputesOf(assertionId: bigint): readonly KnownDispute[];
}

/** Folds events that are in the order of L1. */
export function foldEvents(events: readonly WatchedEvent[]): L1Model {
  const finals: FinalizedBatch[] = [];
  const assertions = new Map<bigint, KnownAssertion>();
  const byHeader = new Map<Bytes32, KnownAssertion>();
  const disputes = new Map<bigint, KnownDispute>();
  const answers = new Map<string, readonly Bytes32[]>();
  const rejected = new Set<bigint>();
  const released = new Set<bigint>();
  const lastBlocks = new Map<bigint, number>();
  for (const event of events) {
    const { transactionHash, blockNumber, blockHash } = event;
    if ('assertionId' in event) lastBlocks.set(event.assertionId, blockNumber);
    switch (event.type) {
      case 'finalized':
        finals.push(event);
        break;
      case 'asserted': {
        const { assertionId, header, headerHash, asserter, isProven } = event;
        const known = { assertionId, header, headerHash, asserter, isProven, transactionHash, blockNumber, blockHash };
        assertions.set(assertionId, known);
        byHeader.set(headerHash, known);
        break;
      }
      case 'disputed': {
        const { disputeId, assertionId, chunk, disputer } = event;
        disputes.set(disputeId, { disputeId, assertionId, chunk, disputer, isSettled: false });
        break;
      }
      case 'answered':
        answers.set(`${event.assertionId}/${event.chunk}`, event.commitments);
        break;
      case 'rejected':
        rejected.add(event.assertionId);
        break;
      case 'bondReleased':
      case 'bondForfeited':
        released.add(event.assertionId);
        break;
      case 'disputeSettled': {
        const dispute = disputes.get(event.disputeId);
        if (dispute === undefined) break;
        disputes.set(event.disputeId, { ...dispute, isSettled: true });
        lastBlocks.set(dispute.assertionId, blockNumber);
        break;
      }
      default: // chunksProven, stepProven and stepCommitted: what they say is read from the contract's views
    }
  }
  const byAssertion = Map.groupBy(disputes.values(), ({ assertionId }) => assertionId);
  return {
    finals: finals.sort((one, other) => one.header.number - other.header.number),
    assertions,
    disputes,
    rejected,
    released,
    lastBlocks,
    answerOf: (assertionId, chunk) => answers.get(`${assertionId}/${chunk}`),
    assertionOf: (headerHash) => byHeader.get(headerHash),
    disputesOf: (assertionId) => byAssertion.get(assertionId) ?? [],
  };
}
