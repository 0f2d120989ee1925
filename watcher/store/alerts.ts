/** What people are to be told: each thing once, also across restarts, until it was delivered or given up. */

import { createTable, type Database, LIMIT, type Stored, type TableShape } from '../../storage/index.ts';

/** An alert that waits for delivery. */
export interface PendingAlert {
  readonly key: string;
  /** JSON. */
  readonly content: string;
  readonly tries: number;
}

/** Access to alerts. */
export interface AlertRepository {
  /** Whether this was said before. */
  has(key: string): boolean;
  /** Adds what was not said before. */
  add(key: string, content: string, nowMs: number): void;
  /** Alerts to be delivered now, the oldest first. */
  due(nowMs: number, maxTries: number, limit: number): PendingAlert[];
  /** Contents of all alerts about a batch, delivered or not, the oldest first. */
  about(batch: number): string[];
  delivered(key: string, nowMs: number): void;
  failed(key: string, nextTryMs: number): void;
  /** Whether some were created before. */
  isOld(beforeMs: number): boolean;
  /** Forgets those created before. */
  prune(beforeMs: number): void;
}

interface Row {
  readonly key: string;
  readonly content: string;
  readonly created_ms: number;
  readonly tries: number;
  readonly next_try_ms: number;
  readonly delivered_ms: number | null;
}

export const ALERTS: TableShape<Row> = {
  name: 'alerts',
  columns: ['key', 'content', 'created_ms', 'tries', 'next_try_ms', 'delivered_ms'],
  key: ['key'],
};

/** The alerts in `database`. */
export function createAlertRepository(database: Database): AlertRepository {
  const table = createTable(database, ALERTS);
  const select = database.prepare<[string], Stored<Row>>('SELECT * FROM alerts WHERE key = ?');
  const selectDue = database.prepare<[number, number, number], Stored<Row>>(
    `SELECT * FROM alerts
     WHERE delivered_ms IS NULL AND next_try_ms <= ? AND tries < ? ORDER BY created_ms, rowid ${LIMIT}`,
  );
  const selectAbout = database.prepare<[number], Stored<Row>>(
    "SELECT * FROM alerts WHERE json_extract(content, '$.batch') = ? ORDER BY created_ms, rowid",
  );
  const selectOld = database.prepare<[number], object>('SELECT 1 FROM alerts WHERE created_ms < ? LIMIT 1');
  const prune = database.prepare<[number]>('DELETE FROM alerts WHERE created_ms < ?');
  const change = (key: string, changesOf: (row: Row) => Partial<Row>): void => {
    const row = select.get(key);
    if (row !== undefined) table.update({ ...table.checked(row), ...changesOf(row) });
  };
  return {
    has: (key) => select.get(key) !== undefined,
    add: (key, content, nowMs) =>
      table.insert({ key, content, created_ms: nowMs, tries: 0, next_try_ms: 0, delivered_ms: null }),
    due: (nowMs, maxTries, limit) =>
      selectDue.all(nowMs, maxTries, limit).map((row) => {
        const { key, content, tries } = table.checked(row);
        return { key, content, tries };
      }),
    about: (batch) => selectAbout.all(batch).map((row) => table.checked(row).content),
    delivered: (key, nowMs) => change(key, () => ({ delivered_ms: nowMs })),
    failed: (key, nextTryMs) => change(key, ({ tries }) => ({ tries: tries + 1, next_try_ms: nextTryMs })),
    isOld: (beforeMs) => selectOld.get(beforeMs) !== undefined,
    prune: (beforeMs) => void prune.run(beforeMs),
  };
}
