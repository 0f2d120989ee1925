/** Brings the log of a sequencer that runs alone into a journal, as if it led: what a follower of it has to come to is known then. */

import type { Storage } from '../../../storage/index.ts';
import { segmentOf } from '../../../storage/journal/segment.ts';
import type { Journal, JournalRow, LeaseTerm } from '../../../storage/journal/types.ts';
import { encodeEntry, type LogEntry } from '../../../storage/log-codec.ts';

/** Seals are segments of their own, as on a leader; others go together, so many at most. */
function cut(
  rows: readonly { readonly row: JournalRow; readonly type: LogEntry['type'] }[],
  most: number,
): JournalRow[][] {
  const segments: JournalRow[][] = [];
  let isOpen = false;
  for (const { row, type } of rows) {
    const isAlone = type === 'seal' || type === 'unseal';
    if (isOpen && !isAlone && segments.at(-1)!.length < most) segments.at(-1)!.push(row);
    else segments.push([row]);
    isOpen = !isAlone;
  }
  return segments;
}

export interface MirrorOptions {
  /** Most entries of a segment. */
  readonly entries?: number;
  /** Seals join the segment of what comes before them, which no leader does and every follower must understand. */
  readonly isMixed?: boolean;
}

/** Appends what the journal does not have yet. */
export async function mirrorLog(
  { log }: Pick<Storage, 'log'>,
  journal: Journal,
  { epoch }: LeaseTerm,
  { entries = 3, isMixed = false }: MirrorOptions = {},
): Promise<void> {
  let head = await journal.head();
  const rows = [...log.range(head.sequence + 1)].map(({ sequence, receivedMs, entry }) => ({
    row: { sequence, received_ms: receivedMs, ...encodeEntry(entry) },
    type: isMixed && entry.type === 'seal' ? ('transfer' as const) : entry.type,
  }));
  for (const some of cut(rows, entries)) {
    const segment = segmentOf(head, some, epoch);
    await journal.append(segment);
    head = { sequence: segment.last, chain: segment.chain };
  }
}
