/** Tells of what a deep reorg undid: what is open again, and what is gone. */

import type { SequencerContext } from '../context.ts';

/** What a deep reorg undid. */
export interface Undone {
  /** Sequences of the operations that count no longer. */
  readonly operations: readonly number[];
  /** Sequences of what is open again, ascending: it was in batches that are sealed anew. */
  readonly reopened: readonly number[];
}

/** Call it in the turn in which it became durable: what reads the database after it and what hears of it say the same. */
export function announceTakenBack(
  { events, storage, measurements }: Pick<SequencerContext, 'events' | 'storage' | 'measurements'>,
  { operations, reopened }: Undone,
): void {
  measurements.dropped.add(operations.length, { reason: 'UNDONE_BY_REORG' });
  if (operations.length > 0) events.emit('dropped', { sequences: operations });
  if (reopened.length === 0) return;
  events.emit('reopened', { sequences: reopened });
  for (const sequence of reopened) {
    const logged = storage.log.get(sequence);
    if (logged?.entry.type !== 'transfer') continue;
    const { entry, receivedMs } = logged;
    events.emit('transfer', { id: entry.id, sequence, status: 'pending', logged: { sequence, receivedMs, entry } });
  }
}
