/** Rows for journals. */

import type { JournalRow } from '../../../storage/journal/types.ts';
import { encodeEntry } from '../../../storage/log-codec.ts';
import { priorityEntry, transferEntry } from '../storage/log-entries.ts';

/** `count` rows from the sequence `first` on: transfers, and a priority operation in every seventh place. */
export function journalRows(first: number, count: number): JournalRow[] {
  return Array.from({ length: count }, (_, index) => {
    const sequence = first + index;
    const entry = sequence % 7 === 0 ? priorityEntry(sequence) : transferEntry(BigInt(sequence));
    return { sequence, received_ms: 1_800_000_000_000 + sequence, ...encodeEntry(entry) };
  });
}
