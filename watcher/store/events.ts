/** What was read from L1: heads, and the events that still matter, in the order of L1. */

import type { AssertionEvent, FinalizedBatch } from '@quittance/chain';
import {
  createMetaRepository,
  createTable,
  type Database,
  LIMIT,
  type Stored,
  type TableShape,
} from '../../storage/index.ts';
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
  /** Everything up to `head` has been read; older heads than the newest `keep` are forgotten. @param before heads before it. */
  advance(head: Head, events: readonly WatchedEvent[], keep: number, before?: readonly Head[]): void;
  /** Forgets all of later blocks, after a reorg; all there is below block 0. */
  rewind(number: number): void;
  all(): WatchedEvent[];
  /** The last assertion and the last dispute that were read, also if they were forgotten; 0 when none was. */
  lastIds(): { readonly assertionId: number; readonly disputeId: number };
  /** Block of the newest event of this kind that is kept. */
  lastBlockOf(kind: WatchedEvent['type']): number | undefined;
  /** The last final batch of which the event is kept. */
  lastFinal(): number | undefined;
  /** Forgets everything about assertions that are over. */
  forget(assertionIds: readonly bigint[]): void;
  /** Forgets that batches before `number` became final. */
  forgetFinalBefore(number: number): void;
}

/** BatchFinalized says nothing of its place in the block, and no order between it and others matters. */
const FINALIZED_POSITION = 1_000_000;

/** Under which the last ids of what was forgotten are kept. */
const FORGOTTEN = 'last_forgotten';

const positionOf = (event: WatchedEvent): number =>
  event.type === 'finalized' ? FINALIZED_POSITION + event.header.number : event.logIndex;

const assertionOf = (event: WatchedEvent): number | null => ('assertionId' in event ? Number(event.assertionId) : null);
const disputeOf = (event: WatchedEvent): number | null => ('disputeId' in event ? Number(event.disputeId) : null);

interface EventRow {
  readonly block: number;
  readonly position: number;
  readonly kind: string;
  readonly assertion: number | null;
  readonly dispute: number | null;
  readonly content: string;
}

const toRow = (event: WatchedEvent): EventRow => ({
  block: event.blockNumber,
  position: positionOf(event),
  kind: event.type,
  assertion: assertionOf(event),
  dispute: disputeOf(event),
  content: encodeJson(event),
});

export const HEADS: TableShape<Head> = { name: 'heads', columns: ['number', 'hash'], key: ['number'] };
export const EVENTS: TableShape<EventRow> = {
  name: 'events',
  columns: ['block', 'position', 'kind', 'assertion', 'dispute', 'content'],
  key: ['block', 'position'],
};

/** The heads in `database`. */
function createHeads(database: Database) {
  const table = createTable(database, HEADS);
  const select = database.prepare<[], Stored<Head>>('SELECT * FROM heads ORDER BY number DESC');
  const prune = database.prepare<[number]>(
    `DELETE FROM heads WHERE number NOT IN (SELECT number FROM heads ORDER BY number DESC ${LIMIT})`,
  );
  const rewind = database.prepare<[number]>('DELETE FROM heads WHERE number > ?');
  return {
    all: (): Head[] =>
      select.all().map((row) => {
        const { number, hash } = table.checked(row);
        return { number, hash };
      }),
    /** Adds some, and keeps no more than this. */
    put(heads: readonly Head[], keep: number): void {
      for (const head of heads) table.put(head);
      prune.run(keep);
    },
    rewind: (number: number): void => void rewind.run(number),
  };
}

/** The heads and events in `database`. */
export function createEventRepository(database: Database): EventRepository {
  const heads = createHeads(database);
  const table = createTable(database, EVENTS);
  const select = database.prepare<[], Stored<EventRow>>('SELECT * FROM events ORDER BY block, position');
  const rewindEvents = database.prepare<[number]>('DELETE FROM events WHERE block > ?');
  const selectLast = database.prepare<[], { assertionId: number | null; disputeId: number | null }>(
    'SELECT MAX(assertion) AS assertionId, MAX(dispute) AS disputeId FROM events',
  );
  const selectDispute = database.prepare<[number], { disputeId: number | null }>(
    'SELECT MAX(dispute) AS disputeId FROM events WHERE assertion = ?',
  );
  const selectFinal = database.prepare<[], { position: number | null }>(
    "SELECT MAX(position) AS position FROM events WHERE kind = 'finalized'",
  );
  const selectBlock = database.prepare<[string], { block: number | null }>(
    'SELECT MAX(block) AS block FROM events WHERE kind = ?',
  );
  const meta = createMetaRepository(database);
  const forgotten = (): { readonly assertionId: number; readonly disputeId: number } =>
    JSON.parse(meta.get(FORGOTTEN) ?? '{"assertionId":0,"disputeId":0}');
  // The end of a dispute names no assertion.
  const forgetDisputes = database.prepare<[number]>(
    'DELETE FROM events WHERE dispute IN (SELECT dispute FROM events WHERE assertion = ?)',
  );
  const forget = database.prepare<[number]>('DELETE FROM events WHERE assertion = ?');
  const forgetFinal = database.prepare<[number]>("DELETE FROM events WHERE kind = 'finalized' AND position < ?");
  return {
    heads: () => heads.all(),
    advance(head, events, keep, before = []) {
      for (const event of events) {
        // Commitments of others say nothing, and our own are looked up by their hash.
        if (event.type === 'stepCommitted') continue;
        table.insert(toRow(event));
      }
      heads.put([...before, head], keep);
    },
    rewind(number) {
      if (number < 0) meta.remove(FORGOTTEN);
      heads.rewind(number);
      rewindEvents.run(number);
    },
    all: () => select.all().map((row) => decodeJson<WatchedEvent>(table.checked(row).content)),
    lastIds() {
      const { assertionId, disputeId } = forgotten();
      const kept = selectLast.get()!;
      return {
        assertionId: Math.max(assertionId, kept.assertionId ?? 0),
        disputeId: Math.max(disputeId, kept.disputeId ?? 0),
      };
    },
    lastBlockOf: (kind) => selectBlock.get(kind)!.block ?? undefined,
    lastFinal() {
      const { position } = selectFinal.get()!;
      return position === null ? undefined : position - FINALIZED_POSITION;
    },
    forget(assertionIds) {
      if (assertionIds.length === 0) return;
      const ids = assertionIds.map(Number);
      const last = forgotten();
      const disputes = ids.map((id) => selectDispute.get(id)!.disputeId ?? 0);
      const assertionId = Math.max(last.assertionId, ...ids);
      meta.set(FORGOTTEN, JSON.stringify({ assertionId, disputeId: Math.max(last.disputeId, ...disputes) }));
      for (const id of assertionIds) {
        forgetDisputes.run(Number(id));
        forget.run(Number(id));
      }
    },
    forgetFinalBefore: (number) => void forgetFinal.run(FINALIZED_POSITION + number),
  };
}
