/** Log entries for storage tests. */

import { packOperation } from '@quittance/protocol';
import type { PriorityEntry, TransferEntry } from '../../../storage/index.ts';

/** A transfer with this id; its signature is made up. */
export function transferEntry(id: bigint): TransferEntry {
  const operation = {
    fields: { kind: 2, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 },
    words: [5n, 6n, 0n],
    authorization: { validUntil: 2 ** 40 - 1, keyX: 8n, r8: { x: 9n, y: 10n }, s: 11n },
  };
  return { type: 'transfer', id, nonce: 7, operation, packed: packOperation(operation) };
}

/** The deposit at this queue index. */
export function priorityEntry(queueIndex: number): PriorityEntry {
  return {
    type: 'priority',
    queueIndex,
    operation: { fields: { kind: 4, from: 0, to: 3, amountFloat: 0n, feeFloat: 0 }, words: [1n, 2n, 3n] },
  };
}
