/** Notices that L1 took back a priority operation that was taken on. */

import { RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import { readCursor } from './reading-point.ts';

/**
 * The first operation of the log that L1 no longer holds, although it was read past the block that held it. No batch with
 * it can be posted, so nothing more should be built on it. It passes when the operation is requested again.
 */
export function findTakenBack(
  storage: Pick<Storage, 'meta' | 'priority'>,
): RollupError<'OPERATION_TAKEN_BACK'> | undefined {
  const cursor = readCursor(storage);
  const row = cursor === undefined ? undefined : storage.priority.get(cursor.requestedCount);
  if (cursor === undefined || row === undefined || row.blockNumber > cursor.blockNumber) return undefined;
  return new RollupError(
    'OPERATION_TAKEN_BACK',
    `a reorganization of L1 took back priority operation ${row.queueIndex}, on which later transfers may depend: no transfer ` +
      'is accepted until L1 holds it again',
    { queueIndex: row.queueIndex },
  );
}
