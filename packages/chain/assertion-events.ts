/** Events of the Assertions contract as the services see them. Source: contracts/interfaces/IAssertions.sol. */

import type { Bytes32 } from '@quittance/protocol';
import type { Log, Result } from 'ethers';
import { assertionsInterface } from './assertion-abi.ts';
import type { AssertionEvent } from './assertion-types.ts';
import { inclusionOf } from './decode.ts';
import { toHashedHeader } from './header-args.ts';
import type { PostedAssertion } from './types.ts';
import { unreadableLog } from './unreadable-log.ts';

/** `AssertionEvent` without its place on L1; the union must be taken apart for that. */
type Content<E> = E extends AssertionEvent
  ? Omit<E, 'transactionHash' | 'blockNumber' | 'blockHash' | 'logIndex'>
  : never;

const DECODERS: Readonly<Record<string, (args: Result) => Content<AssertionEvent>>> = {
  BatchAsserted: (args) => ({
    type: 'asserted',
    assertionId: args['assertionId'] as bigint,
    asserter: args['asserter'] as string,
    isProven: args['isProven'] as boolean,
    ...toHashedHeader(args),
  }),
  ChunksProven: (args) => ({
    type: 'chunksProven',
    assertionId: args['assertionId'] as bigint,
    firstChunk: Number(args['firstChunk']),
    count: Number(args['count']),
  }),
  DisputeOpened: (args) => ({
    type: 'disputed',
    disputeId: args['disputeId'] as bigint,
    assertionId: args['assertionId'] as bigint,
    chunk: Number(args['chunk']),
    disputer: args['disputer'] as string,
  }),
  ChunkAnswered: (args) => ({
    type: 'answered',
    assertionId: args['assertionId'] as bigint,
    chunk: Number(args['chunk']),
    commitments: (args['commitments'] as Result).toArray() as Bytes32[],
  }),
  StepCommitted: (args) => ({
    type: 'stepCommitted',
    commitment: args['commitment'] as Bytes32,
    sender: args['sender'] as string,
  }),
  StepProven: (args) => ({
    type: 'stepProven',
    assertionId: args['assertionId'] as bigint,
    chunk: Number(args['chunk']),
    slot: Number(args['slot']),
    result: Number(args['result']),
  }),
  AssertionRejected: (args) => ({
    type: 'rejected',
    assertionId: args['assertionId'] as bigint,
    number: Number(args['number']),
    winner: args['winner'] as string,
    unanswered: args['unanswered'] as boolean,
  }),
  DisputeSettled: (args) => ({
    type: 'disputeSettled',
    disputeId: args['disputeId'] as bigint,
    isLost: args['isLost'] as boolean,
  }),
  BondReleased: (args) => ({ type: 'bondReleased', assertionId: args['assertionId'] as bigint }),
  BondForfeited: (args) => ({ type: 'bondForfeited', assertionId: args['assertionId'] as bigint }),
};

/** Names of the events that services follow. */
export const ASSERTION_EVENTS: readonly string[] = Object.keys(DECODERS);

/**
 * The events that say where batches and disputes stand. Commitments are not among them: they say nothing without their
 * salt, and they cost no bond, so anyone can make more of them than a node gives in one answer.
 */
export const DISPUTE_EVENTS: readonly string[] = ASSERTION_EVENTS.filter((name) => name !== 'StepCommitted');

/**
 * An event of the Assertions contract.
 *
 * @throws RollupError L1_LOG_UNREADABLE when the log is none of `ASSERTION_EVENTS`, L1_INCONSISTENT as `toHashedHeader`.
 */
export function decodeAssertionEvent(log: Log): AssertionEvent {
  const description = assertionsInterface.parseLog(log);
  const decode = description === null ? undefined : DECODERS[description.name];
  if (description === null || decode === undefined) {
    throw unreadableLog(log);
  }
  return { ...decode(description.args), ...inclusionOf(log), logIndex: log.index };
}

/** BatchAsserted, as much of it as finds the batch's data. @throws RollupError as `decodeAssertionEvent`. */
export function decodePostedAssertion(log: Log): PostedAssertion {
  const event = decodeAssertionEvent(log);
  if (event.type !== 'asserted') throw unreadableLog(log);
  const { transactionHash, blockNumber, blockHash, headerHash } = event;
  return { transactionHash, blockNumber, blockHash, headerHash };
}
