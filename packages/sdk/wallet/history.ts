/** What happened to an account, page by page. */

import { type HistoryEntryJson, MAX_HISTORY } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';
import { readReference } from './references.ts';
import { orAborted } from './time.ts';
import type { HistoryItem } from './types.ts';

/** An entry with its reference as people read it. */
function toHistoryItem(entry: HistoryEntryJson): HistoryItem {
  const { bytes, text } = readReference(entry.reference);
  return { ...entry, referenceBytes: bytes, referenceText: text };
}

/**
 * The entries of an account, newest first, each page when it is reached.
 *
 * @param before only those before this place in the log. @throws as the client's `call`, or the signal's reason.
 */
export async function* readHistory(
  client: Pick<SequencerClient, 'call'>,
  account: number,
  { before, signal }: { readonly before?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<HistoryItem, void, undefined> {
  let next = before;
  for (;;) {
    const from = next === undefined ? {} : { before: next };
    const asked = client.call('rollup_getHistory', { account, limit: MAX_HISTORY, ...from });
    const page = await orAborted(asked, signal);
    yield* page.entries.map(toHistoryItem);
    // A page that does not lead further back would loop forever.
    if (page.next === null || (next !== undefined && page.next >= next)) return;
    next = page.next;
  }
}
