/** Reads the events of some blocks, and says whether they are all. */

import { type AssertionReader, type BlockReference, DISPUTE_EVENTS, type RollupReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { WatchedEvent } from '../store/events.ts';
import type { WatcherStore } from '../store/store.ts';
import { findMissing, type LastNumbers, type MissingEvent, readCounts } from './whole.ts';

export interface RangeParts {
  readonly reader: RollupReader;
  readonly assertions: AssertionReader;
  readonly store: WatcherStore;
}

/** What L1 gave of some blocks. */
export interface ReadRange {
  readonly events: readonly WatchedEvent[];
  /** What it left out, if anything. */
  readonly missing: MissingEvent | undefined;
}

/** @throws RollupError L1_REORG unless L1 still has this block. */
export async function requireStill(
  reader: RollupReader,
  { number, hash }: Pick<BlockReference, 'number' | 'hash'>,
): Promise<void> {
  if ((await reader.block(number))?.hash === hash) return;
  throw new RollupError('L1_REORG', `L1 changed block ${number} while it was read; it is read again`, { number });
}

/** What was read before. */
function knownOf({ checkpoint, events }: WatcherStore): LastNumbers {
  const { assertionId, disputeId } = events.lastIds();
  const finalized = Math.max(checkpoint.get()?.header.number ?? -1, events.lastFinal() ?? -1);
  return { finalized, asserted: assertionId, disputed: disputeId };
}

/**
 * Events of blocks `from` to `end`.
 *
 * @param isNewest whether `end` is the newest block: nodes forget the state of old ones, so what stands before is confirmed by
 * what follows it.
 * @throws RollupError L1_REORG, L1_INCONSISTENT, L1_UNREACHABLE.
 */
export async function readRange(
  { reader, assertions, store }: RangeParts,
  from: number,
  end: BlockReference,
  isNewest: boolean,
): Promise<ReadRange> {
  const [finals, others, counted] = await Promise.all([
    reader.finalizedBatches(from, end.number),
    assertions.events(from, end.number, DISPUTE_EVENTS),
    isNewest ? readCounts(reader, assertions, end) : undefined,
  ]);
  await requireStill(reader, end);
  const events = [...finals.map((batch) => ({ type: 'finalized' as const, ...batch })), ...others];
  return { events, missing: findMissing(events, knownOf(store), counted, { from, to: end.number }) };
}
