/** The content of one future batch, while it is put together. */

import { float16, type StateView } from '@quittance/protocol';
import { type BatchRoom, loadOf } from './data-limits.ts';
import { groupEndOf, type OpenEntry } from './open-entry.ts';
import { createPacking, type Packing } from './packing.ts';

/** The content of one future batch. */
export interface Segment {
  readonly entries: readonly OpenEntry[];
  readonly packing: Packing;
  /** The lowest sequence of its entries; undefined when there are none. */
  readonly lowestSequence: number | undefined;
}

/** A segment that grows. */
export interface MutableSegment extends Segment {
  readonly entries: OpenEntry[];
  lowestSequence: number | undefined;
  /**
   * Leaves that its operations name and that are empty in the sealed state. They stay reserved until the segment is
   * sealed: a signature that names an index must not meet another account there.
   */
  readonly namedLeaves: Set<number>;
}

/** A segment without entries. */
export function emptySegment({ profile, limits }: BatchRoom): MutableSegment {
  return {
    entries: [],
    packing: createPacking(profile, limits),
    lowestSequence: undefined,
    namedLeaves: new Set(),
  };
}

/** The fee token that a transfer occupies: its sender's token when it pays a fee. */
function feeTokenOf({ entry }: OpenEntry, view: StateView): number | undefined {
  const { from, feeFloat } = entry.operation.fields;
  return float16.decode(BigInt(feeFloat)) === 0n ? undefined : view.get(from)?.tokenId;
}

/** Whether some of the last group are still to come: it is executed whole, so nothing is cut behind its first ones. */
export function isInsideGroup({ entries }: Segment): boolean {
  const entry = entries.findLast(({ entry: { type } }) => type === 'priority')?.entry;
  return entry?.type === 'priority' && entry.queueIndex < groupEndOf(entry);
}

/**
 * Takes room for the entry in the segment, for the first of a group for all of them.
 *
 * @param view the state before the entry. @returns whether there was any.
 */
export function takeRoom(segment: MutableSegment, open: OpenEntry, view: StateView): boolean {
  const { packing } = segment;
  const { entry } = open;
  if (entry.type === 'transfer') return packing.addTransfer(feeTokenOf(open, view), loadOf(entry.operation.fields));
  return isInsideGroup(segment) || packing.addPriority(groupEndOf(entry) - entry.queueIndex + 1);
}

/** Adds an entry that has room. */
export function addEntry(segment: MutableSegment, open: OpenEntry): void {
  segment.entries.push(open);
  segment.lowestSequence = Math.min(segment.lowestSequence ?? open.sequence, open.sequence);
}
