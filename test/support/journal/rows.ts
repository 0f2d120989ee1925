/** Rows and segments for journals. */

import { segmentOf } from '../../../storage/journal/segment.ts';
import type { JournalRow, Segment } from '../../../storage/journal/types.ts';
import { EMPTY_CHAIN, encodeEntry } from '../../../storage/log-codec.ts';
import { priorityEntry, transferEntry } from '../storage/log-entries.ts';

/** `count` rows from the sequence `first` on: transfers, and a priority operation in every seventh place. */
export function journalRows(first: number, count: number): JournalRow[] {
  return Array.from({ length: count }, (_, index) => {
    const sequence = first + index;
    const entry = sequence % 7 === 0 ? priorityEntry(sequence) : transferEntry(BigInt(sequence));
    return { sequence, received_ms: 1_800_000_000_000 + sequence, ...encodeEntry(entry) };
  });
}

/** The head of an empty log. */
export const START = { sequence: 0, chain: EMPTY_CHAIN };

/** `count` segments of `size` entries, each behind the one before. */
export function segmentsFrom(after = START, count = 3, size = 5, epoch = 1): Segment[] {
  const segments: Segment[] = [];
  let head = after;
  for (let index = 0; index < count; index++) {
    const segment = segmentOf(head, journalRows(head.sequence + 1, size), epoch);
    segments.push(segment);
    head = headAfter(segment);
  }
  return segments;
}

/** Where the log stands behind a segment. */
export const headAfter = ({ last, chain }: Segment) => ({ sequence: last, chain });

/** All that is read. */
export async function collect(segments: AsyncIterable<Segment>): Promise<Segment[]> {
  const all: Segment[] = [];
  for await (const segment of segments) all.push(segment);
  return all;
}
