/** What became of the entries of a batch when it was sealed, and how that is reported. */

import type { SequencerContext } from '../context.ts';
import type { SequencerEvents } from '../events.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import type { ExecutedBatch } from './batch.ts';
import type { PlannedDrop } from './refused.ts';

/** The new status of each transfer: the dropped ones first, then the sealed ones in the order of the log. */
export function* transferOutcomes(
  entries: readonly OpenEntry[],
  drops: readonly PlannedDrop[],
): Generator<SequencerEvents['transfer']> {
  const gone = new Set<number>();
  for (const { source, refusal } of drops) {
    const { entry, sequence } = source;
    gone.add(sequence);
    if (entry.type === 'transfer') yield { id: entry.id, sequence, status: 'dropped', reason: refusal.code };
  }
  for (const { entry, sequence } of entries) {
    if (entry.type === 'transfer' && !gone.has(sequence)) yield { id: entry.id, sequence, status: 'sealed' };
  }
}

/** Reports to subscribers, metrics and the log, a transfer a step. @param batch undefined when every entry was dropped. */
export function* reportSealed(
  { events, measurements, logger }: SequencerContext,
  entries: readonly OpenEntry[],
  batch: ExecutedBatch | undefined,
  drops: readonly PlannedDrop[],
): Generator<void, void, void> {
  for (const { refusal } of drops) measurements.dropped.add(1, { reason: refusal.code });
  for (const outcome of transferOutcomes(entries, drops)) {
    events.emit('transfer', outcome);
    yield;
  }
  if (batch === undefined) return;
  const { header, transferCount, priorityCount, chunks } = batch;
  measurements.batches.set(header.number, { state: 'sealed' });
  events.emit('batch', { number: header.number, state: 'sealed', transferCount });
  logger.info('sealed a batch', {
    batch: header.number,
    transfers: transferCount,
    priority: priorityCount,
    chunks: chunks.length,
    dropped: drops.length,
    stateRoot: header.stateRoot,
  });
}
