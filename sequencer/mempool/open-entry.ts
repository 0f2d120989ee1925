/** An accepted operation that is in no batch yet, and what it reads and does. */

import { forcedExitAmount, RecordKind, type StateView } from '@quittance/protocol';
import type { PriorityEntry, TransferEntry } from '../../storage/index.ts';

/** An accepted operation that is in no batch yet. */
export interface OpenEntry {
  readonly sequence: number;
  readonly receivedMs: number;
  readonly entry: TransferEntry | PriorityEntry;
}

/** The leaves that an operation names: all that its rules read. */
export function namedBy({ entry }: OpenEntry): number[] {
  const { kind, from, to } = entry.operation.fields;
  if (kind === RecordKind.transfer || kind === RecordKind.transferToNew) return [from, to];
  return kind === RecordKind.deposit ? [to] : [from];
}

/** A priority operation with the amount that an exit pays in the state of `view`. */
export function withExitAmount(view: StateView, { operation }: PriorityEntry): PriorityEntry['operation'] {
  if (operation.fields.kind !== RecordKind.forcedExit) return operation;
  const [w0, w1] = operation.words as [bigint, bigint];
  return { ...operation, words: [w0, w1, forcedExitAmount(view.get(operation.fields.from), w1)] };
}

/** Queue index of the last operation of the entry's group. */
export function groupEndOf({ queueIndex, groupEnd = queueIndex }: PriorityEntry): number {
  return groupEnd;
}
