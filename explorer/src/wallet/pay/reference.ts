/** Payment references as people write them. */

import { MAX_REFERENCE_BYTES } from '@quittance/protocol';

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8: what counts, since letters have one to four. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** What is wrong with a reference, as a sentence; undefined when nothing is. An empty one is none. */
export function referenceProblem(text: string): string | undefined {
  const length = byteLength(text);
  if (length <= MAX_REFERENCE_BYTES) return undefined;
  return `A reference has at most ${MAX_REFERENCE_BYTES} bytes; this one has ${length}. Shorten it.`;
}
