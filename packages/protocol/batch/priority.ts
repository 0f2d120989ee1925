/** The rolling hash of the priority queue. Source: docs/protocol.md, Priority queue. */

import { invariantBroken } from '../errors/index.ts';
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
