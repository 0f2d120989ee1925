/** The watcher's database: one file, or memory for a single look. */

import { RollupError } from '@quittance/protocol';
import {
  checkRows,
  createMetaRepository,
  META,
  type MetaRepository,
  openWitnessed,
  type TableShape,
} from '../../storage/index.ts';
import { ALERTS, type AlertRepository, createAlertRepository } from './alerts.ts';
import { ACCOUNTS, CHECKPOINT, type CheckpointRepository, createCheckpointRepository } from './checkpoint.ts';
import { createEventRepository, EVENTS, type EventRepository, HEADS } from './events.ts';
import { ATTEMPTS, createJournalRepository, type JournalRepository, STEPS } from './journal.ts';
import { WATCHER_MIGRATIONS } from './schema.ts';

/** All that a watcher keeps. */
export interface WatcherStore {
  readonly file: string;
  readonly events: EventRepository;
  readonly checkpoint: CheckpointRepository;
  readonly journal: JournalRepository;
  readonly alerts: AlertRepository;
  /** Small named texts, which a reset leaves alone. */
  readonly meta: MetaRepository;
  /** Runs `change` in one transaction: all of it is on disk afterwards, or nothing. */
  commit<T>(change: () => T): T;
  /** Forgets all that L1 can tell again; what was begun there and the salts stay. */
  reset(): void;
  close(): void;
}

export interface WatcherStoreOptions {
  readonly file: string;
  readonly chainId: bigint;
  /** Address of the rollup. */
  readonly contract: string;
}

const TABLES = [
  META,
  HEADS,
  EVENTS,
  CHECKPOINT,
  ACCOUNTS,
  STEPS,
  ATTEMPTS,
  ALERTS,
] as readonly unknown[] as readonly TableShape<never>[];

/** @throws RollupError DATABASE_DAMAGED, DATABASE_FOREIGN when it is that of another rollup, or as `openDatabase`. */
export function openWatcherStore({ file, chainId, contract }: WatcherStoreOptions): WatcherStore {
  const rollup = `${chainId}:${contract.toLowerCase()}`;
  const database = openWitnessed({
    file,
    migrations: WATCHER_MIGRATIONS,
    check(found, version) {
      // In any version: one that is older has no checksums yet.
      if (version === WATCHER_MIGRATIONS.length) checkRows(found, TABLES);
      const row = found.prepare<[], { value: string }>("SELECT value FROM meta WHERE name = 'rollup'").get();
      const known = row?.value;
      if (known === undefined || known === rollup) return;
      throw new RollupError(
        'DATABASE_FOREIGN',
        `the database ${file} watches ${known}, not ${rollup}; name another file for this rollup`,
        { file, expected: rollup, actual: known },
      );
    },
  });
  const meta = createMetaRepository(database);
  database.commit(() => meta.set('rollup', rollup));
  const events = createEventRepository(database);
  const checkpoint = createCheckpointRepository(database);
  return {
    file,
    events,
    checkpoint,
    journal: createJournalRepository(database),
    alerts: createAlertRepository(database),
    meta,
    commit: database.commit,
    reset: () =>
      database.commit(() => {
        events.rewind(-1);
        checkpoint.clear();
      }),
    close: () => void database.close(),
  };
}
