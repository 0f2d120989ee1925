/** The priority queue as a batch sees it. Source: docs/protocol.md, Priority queue and Batch and header. */

import { invariantBroken } from '../errors/index.ts';
import { MAX_IMPORT } from '../params.ts';
import { encodeRecord, type RecordData } from '../records/codec.ts';
import { isPriorityKind } from '../records/kinds.ts';
import { RecordKind } from '../types.ts';
import { type Bytes32, encodeWords, keccak } from './abi.ts';

/**
 * rolling_{i+1}: the record without what the producer fills in (deposit: to; forced exit: amount paid).
 * Twin: contracts/libraries/PriorityQueue.sol nextHash.
 *
 * @throws RollupError INVARIANT_BROKEN for a record of another kind: callers ask `isPriorityKind` first.
 */
export function nextRollingHash(rolling: Bytes32, { fields, words }: RecordData): Bytes32 {
  if (!isPriorityKind(fields.kind)) {
    throw invariantBroken(`kind ${fields.kind} is no priority operation`, { actual: fields.kind });
  }
  const isDeposit = fields.kind === RecordKind.deposit;
  const record = encodeRecord({
    kind: fields.kind,
    from: isDeposit ? 0 : fields.from,
    to: 0,
    amountFloat: 0n,
    feeFloat: 0,
  });
  return keccak(encodeWords([rolling, record, words[0]!, words[1]!, isDeposit ? words[2]! : 0n]));
}

/**
 * The priority operations of a batch, which stand before all else in its visible lists; undefined when one stands behind another
 * visible record, and L1 refuses the batch.
 *
 * @param visible the lists of all chunks, one behind the other.
 */
export function priorityRecordsOf(visible: readonly RecordData[]): readonly RecordData[] | undefined {
  const count = visible.filter(({ fields }) => isPriorityKind(fields.kind)).length;
  const first = visible.slice(0, count);
  return first.every(({ fields }) => isPriorityKind(fields.kind)) ? first : undefined;
}

/**
 * Whether a batch may leave an overdue operation to the next one: because its group, executed whole or not at all, did not fit
 * beside what it executes into its slots, or into the operations that a batch owes at most.
 * Twin: contracts/libraries/QueueRules.sol requireInOrder.
 *
 * @param executed priority operations of the batch. @param nextGroup operations of the first group that it leaves, 1 for a
 * request alone. @param slots K·M of the batch.
 */
export function mayLeaveOverdue(executed: number, nextGroup: number, slots: number): boolean {
  return executed + nextGroup > Math.min(slots, MAX_IMPORT);
}
