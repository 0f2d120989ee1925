/** The watcher's database: one file, or memory for a single look. */

import { RollupError } from '@quittance/protocol';
import { openDatabase, translateSqliteError } from '../../storage/index.ts';
import { type AlertRepository, createAlertRepository } from './alerts.ts';
import { type CheckpointRepository, createCheckpointRepository } from './checkpoint.ts';
import { createEventRepository, type EventRepository } from './events.ts';
import { createJournalRepository, type JournalRepository } from './journal.ts';
import { WATCHER_MIGRATIONS } from './schema.ts';

/** All that a watcher keeps. */
export interface WatcherStore {
  readonly events: EventRepository;
  readonly checkpoint: CheckpointRepository;
  readonly journal: JournalRepository;
  readonly alerts: AlertRepository;
  /** Runs `change` in one transaction: all of it is on disk afterwards, or nothing. */
  commit<T>(change: () => T): T;
  /** Forgets all that L1 can tell again; what was begun there and the salts stay. */
  reset(): void;
  close(): void;
}

/** Stands for a database that ends with the process. */
export const IN_MEMORY = ':memory:';

export interface WatcherStoreOptions {
  readonly file: string;
  readonly chainId: bigint;
  /** Address of the rollup. */
  readonly contract: string;
}

/** @throws RollupError DATABASE_DAMAGED, or CONFIG_INVALID when it is in use or of another rollup. */
export function openWatcherStore({ file, chainId, contract }: WatcherStoreOptions): WatcherStore {
  const database = openDatabase(file, WATCHER_MIGRATIONS);
  const rollup = `${chainId}:${contract.toLowerCase()}`;
  const known = database.prepare<[], { value: string }>("SELECT value FROM meta WHERE name = 'rollup'").get()?.value;
  if (known !== undefined && known !== rollup) {
    database.close();
    throw new RollupError(
      'CONFIG_INVALID',
      `the database ${file} watches ${known}, not ${rollup}; name another file for this rollup`,
      { file, expected: rollup, actual: known },
    );
  }
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('rollup', ?)").run(rollup);
  const events = createEventRepository(database);
  const checkpoint = createCheckpointRepository(database);
  const commit = <T>(change: () => T): T => {
    try {
      return database.transaction(change).immediate();
    } catch (error) {
      throw translateSqliteError(file, error);
    }
  };
  return {
    events,
    checkpoint,
    journal: createJournalRepository(database),
    alerts: createAlertRepository(database),
    commit,
    reset: () =>
      commit(() => {
        events.rewind(-1);
        checkpoint.clear();
      }),
    close: () => void database.close(),
  };
}
