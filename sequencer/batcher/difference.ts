/** Where two executions of the same batch differ. Pure. */

import { type Execution, SHARDS_BYTES, SLOT_TRACE_BYTES } from '@quittance/protocol';

/** The first difference. */
export interface Difference {
  /** What differs, in words. */
  readonly what: string;
  readonly chunk?: number;
  /** Where both have traces. */
  readonly slot?: number;
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** The first slot whose bytes differ; undefined when only what is before the slots does. */
function firstSlot(one: Uint8Array, other: Uint8Array): number | undefined {
  const slotAt = (bytes: Uint8Array, offset: number) => bytes.subarray(offset, offset + SLOT_TRACE_BYTES);
  for (let offset = SHARDS_BYTES; offset < Math.max(one.length, other.length); offset += SLOT_TRACE_BYTES) {
    if (!isSame(slotAt(one, offset), slotAt(other, offset))) return (offset - SHARDS_BYTES) / SLOT_TRACE_BYTES;
  }
  return undefined;
}

/** What differs in a chunk that both executed. */
function differenceInChunk(one: Execution, other: Execution, chunk: number): Difference | undefined {
  const [mine, theirs] = [one.chunks[chunk], other.chunks[chunk]];
  if (mine === undefined || theirs === undefined) return { what: 'the number of chunks', chunk };
  const [bytes, others] = [mine.trace?.bytes, theirs.trace?.bytes];
  if (bytes !== undefined && others !== undefined && !isSame(bytes, others)) {
    const slot = firstSlot(bytes, others);
    return slot === undefined ? { what: 'the shards before a chunk', chunk } : { what: 'a trace', chunk, slot };
  }
  const wrong = (['oldRoot', 'newRoot', 'commitment'] as const).find((name) => mine[name] !== theirs[name]);
  return wrong === undefined ? undefined : { what: wrong, chunk };
}

/**
 * The first difference between two executions, looked for chunk by chunk, one a step; undefined when there is none.
 *
 * @param one without refusals.
 */
export function* findDifference(one: Execution, other: Execution): Generator<void, Difference | undefined, void> {
  const [refusal] = other.refusals;
  if (refusal !== undefined) {
    const { chunk, slot, code, message } = refusal;
    return { what: `whether a record is valid (${code}: ${message})`, chunk, slot };
  }
  for (let chunk = 0; chunk < Math.max(one.chunks.length, other.chunks.length); chunk++) {
    const difference = differenceInChunk(one, other, chunk);
    if (difference !== undefined) return difference;
    yield;
  }
  return isSame(one.changes.bytes, other.changes.bytes) ? undefined : { what: 'the accounts after the batch' };
}
