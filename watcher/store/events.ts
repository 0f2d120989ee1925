/** What was read from L1: heads, and the events that still matter, in the order of L1. */

import type { AssertionEvent, FinalizedBatch } from '@quittance/chain';
import type { Database } from '../../storage/index.ts';
import { decodeJson, encodeJson } from './json.ts';

/** An event of either contract. */
export type WatchedEvent = AssertionEvent | ({ readonly type: 'finalized' } & FinalizedBatch);

/** A head of L1. */
export interface Head {
  readonly number: number;
  readonly hash: string;
}

/** Access to what was read. */
export interface EventRepository {
  /** All heads that are kept, the newest first. */
  heads(): Head[];
  /** Everything up to `head` has been read; older heads than the newest `keep` are forgotten. */
  advance(head: Head, events: readonly WatchedEvent[], keep: number): void;
  /** Forgets all of later blocks, after a reorg. */
  rewind(number: number): void;
  all(): WatchedEvent[];
  /** Forgets everything about assertions that are over. */
  forget(assertionIds: readonly bigint[]): void;
  /** Forgets that batches before `number` became final. */
  forgetFinalBefore(number: number): void;
}

/** BatchFinalized says nothing of its place in the block, and no order between it and others matters. */
const FINALIZED_POSITION = 1_000_000;

const positionOf = (event: WatchedEvent): number =>
  event.type === 'finalized' ? FINALIZED_POSITION + event.header.number : event.logIndex;

const assertionOf = (event: WatchedEvent): number | null => ('assertionId' in event ? Number(event.assertionId) : null);
const disputeOf = (event: WatchedEvent): number | null => ('disputeId' in event ? Number(event.disputeId) : null);

/** The heads and events in `database`. */
export function createEventRepository(database: Database): EventRepository {
  const selectHeads = database.prepare<[], Head>('SELECT number, hash FROM heads ORDER BY number DESC');
  const insertHead = database.prepare<[number, string]>('INSERT OR REPLACE INTO heads (number, hash) VALUES (?, ?)');
  const pruneHeads = database.prepare<[number]>(
    'DELETE FROM heads WHERE number NOT IN (SELECT number FROM heads ORDER BY number DESC LIMIT ?)',
  );
  const insert = database.prepare<[number, number, string, number | null, number | null, string]>(
    'INSERT INTO events (block, position, kind, assertion, dispute, content) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const select = database.prepare<[], { content: string }>('SELECT content FROM events ORDER BY block, position');
  const rewindHeads = database.prepare<[number]>('DELETE FROM heads WHERE number > ?');
  const rewindEvents = database.prepare<[number]>('DELETE FROM events WHERE block > ?');
  // The end of a dispute names no assertion.
  const forgetDisputes = database.prepare<[number]>(
    'DELETE FROM events WHERE dispute IN (SELECT dispute FROM events WHERE assertion = ?)',
  );
  const forget = database.prepare<[number]>('DELETE FROM events WHERE assertion = ?');
  const forgetFinal = database.prepare<[number]>("DELETE FROM events WHERE kind = 'finalized' AND position < ?");
  return {
    heads: () => selectHeads.all(),
    advance(head, events, keep) {
      for (const event of events) {
        // Commitments of others say nothing, and our own are looked up by their hash.
        if (event.type === 'stepCommitted') continue;
        const { blockNumber, type } = event;
        insert.run(blockNumber, positionOf(event), type, assertionOf(event), disputeOf(event), encodeJson(event));
      }
      insertHead.run(head.number, head.hash);
      pruneHeads.run(keep);
    },
    rewind(number) {
      rewindHeads.run(number);
      rewindEvents.run(number);
    },
    all: () => select.all().map(({ content }) => decodeJson<WatchedEvent>(content)),
    forget(assertionIds) {
      for (const id of assertionIds) {
        forgetDisputes.run(Number(id));
        forget.run(Number(id));
      }
    },
    forgetFinalBefore: (number) => void forgetFinal.run(FINALIZED_POSITION + number),
  };
}
