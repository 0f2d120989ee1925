/** Puts a state together from the database. */

import { type Engine, type ExecutionState, isRollupError, type StoredHeader } from '@quittance/protocol';
import { type BatchRow, databaseDamaged, type Storage } from '../storage/index.ts';

/**
 * The state after a final batch.
 *
 * @param batch undefined for that of the genesis.
 * @throws RollupError DATABASE_DAMAGED when it has not the root of its header, or RESOURCES_SHORT.
 */
export function restoreState(
  storage: Storage,
  engine: Engine,
  batch: BatchRow | undefined,
  genesis: StoredHeader,
): ExecutionState {
  const number = batch?.number ?? 0;
  try {
    return engine.restore(storage.leaves.rowsAfter(number), (batch?.header ?? genesis).stateRoot);
  } catch (error) {
    if (isRollupError(error, 'CLAIM_FALSE')) {
      const { actual, expected } = error.data;
      const problem = `the accounts after batch ${number} have root ${actual}, not ${expected}`;
      throw databaseDamaged(storage.file, problem, error);
    }
    if (!isRollupError(error, 'SNAPSHOT_DAMAGED')) throw error;
    throw databaseDamaged(storage.file, `the accounts after batch ${number} cannot be read: ${error.message}`, error);
  }
}
