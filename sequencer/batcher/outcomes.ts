/** What became of the entries of a batch when it was sealed, and how that is reported. */

import { float16 } from '@quittance/protocol';
import type { LoggedTransfer } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';
import type { SequencerEvents } from '../events.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import type { ExecutedBatch } from './batch.ts';
import type { PlannedDrop } from './refused.ts';

const isTransfer = (open: OpenEntry): open is LoggedTransfer => open.entry.type === 'transfer';

/** The new status of each transfer: the dropped ones first, then the sealed ones in the order of the log. */
export function* transferOutcomes(
  entries: readonly OpenEntry[],
  drops: readonly PlannedDrop[],
): Generator<SequencerEvents['transfer']> {
  const gone = new Set<number>();
  for (const { source: logged, refusal } of drops) {
    const { sequence } = logged;
    gone.add(sequence);
    if (isTransfer(logged)) yield { id: logged.entry.id, sequence, status: 'dropped', reason: refusal.code, logged };
  }
  for (const logged of entries) {
    const { sequence } = logged;
    if (isTransfer(logged) && !gone.has(sequence)) yield { id: logged.entry.id, sequence, status: 'sealed', logged };
  }
}

/** Tells of what a seal made durable, at once: what reads the database after it and what hears of it say the same. */
export function announceSealed(
  { events }: Pick<SequencerContext, 'events'>,
  batch: ExecutedBatch | undefined,
  drops: readonly PlannedDrop[],
): void {
  if (drops.length > 0) events.emit('dropped', { sequences: drops.map(({ source }) => source.sequence) });
  if (batch === undefined) return;
  events.emit('batch', { number: batch.header.number, state: 'sealed', transferCount: batch.transferCount });
}

/**
 * Reports to subscribers, metrics and the log, a transfer a step.
 *
 * @param batch undefined when every entry was dropped. @param tokenOf token of the account in a leaf that the batch names.
 */
export function* reportSealed(
  { events, measurements, statistics, logger }: SequencerContext,
  entries: readonly OpenEntry[],
  batch: ExecutedBatch | undefined,
  drops: readonly PlannedDrop[],
  tokenOf: (index: number) => number,
): Generator<void, void, void> {
  for (const { refusal } of drops) measurements.dropped.add(1, { reason: refusal.code });
  for (const outcome of transferOutcomes(entries, drops)) {
    const { from, feeFloat } = outcome.logged.entry.operation.fields;
    if (outcome.status === 'sealed') statistics.sealed(tokenOf(from), float16.decode(BigInt(feeFloat)));
    events.emit('transfer', outcome);
    yield;
  }
  if (batch === undefined) return;
  const { header, transferCount, priorityCount, chunks } = batch;
  measurements.batches.set(header.number, { state: 'sealed' });
  logger.info('sealed a batch', {
    batch: header.number,
    transfers: transferCount,
    priority: priorityCount,
    chunks: chunks.length,
    dropped: drops.length,
    stateRoot: header.stateRoot,
  });
}
