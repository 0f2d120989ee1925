/** Notices that L1 took back a priority operation that was taken on. */

import type { RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import { doubtError, readDoubt, type Sight } from '../reorg/doubt.ts';
import { readCursor } from './reading-point.ts';

/** The first operation of the log that L1 no longer holds, although it was read past the block that held it. */
export function seeNothing(storage: Pick<Storage, 'meta' | 'priority'>): Sight | undefined {
  const cursor = readCursor(storage);
  const row = cursor === undefined ? undefined : storage.priority.get(cursor.requestedCount);
  if (cursor === undefined || row === undefined || row.blockNumber > cursor.blockNumber) return undefined;
  const { blockNumber, blockHash } = cursor;
  return { queueIndex: row.queueIndex, found: 'nothing', blockNumber, blockHash };
}

/** What L1 says against the log, as far as it was read. */
export function findSight(storage: Pick<Storage, 'meta' | 'priority'>): Sight | undefined {
  return readDoubt(storage) ?? seeNothing(storage);
}

/**
 * Why no transfer is accepted: no batch with an operation that L1 does not hold can be posted, so nothing more should be built
 * on it. It passes when the operation is requested again as it was, and when it is taken back here too.
 */
export function findTakenBack(storage: Pick<Storage, 'meta' | 'priority'>): RollupError | undefined {
  const sight = findSight(storage);
  return sight === undefined ? undefined : doubtError(sight);
}
