/** What people are to be told: each thing once, also across restarts, until it was delivered or given up. */

import type { Database } from '../../storage/index.ts';

/** An alert that waits for delivery. */
export interface PendingAlert {
  readonly key: string;
  /** JSON. */
  readonly content: string;
  readonly tries: number;
}

/** Access to alerts. */
export interface AlertRepository {
  /** @returns false when this was said before. */
  add(key: string, content: string, nowMs: number): boolean;
  /** Alerts to be delivered now, the oldest first. */
  due(nowMs: number, maxTries: number, limit: number): PendingAlert[];
  delivered(key: string, nowMs: number): void;
  failed(key: string, nextTryMs: number): void;
  /** Forgets those created before. */
  prune(beforeMs: number): void;
}

/** The alerts in `database`. */
export function createAlertRepository(database: Database): AlertRepository {
  const insert = database.prepare<[string, string, number]>(
    'INSERT OR IGNORE INTO alerts (key, content, created_ms) VALUES (?, ?, ?)',
  );
  const selectDue = database.prepare<[number, number, number], PendingAlert>(
    `SELECT key, content, tries FROM alerts
     WHERE delivered_ms IS NULL AND next_try_ms <= ? AND tries < ? ORDER BY created_ms, rowid LIMIT ?`,
  );
  const deliver = database.prepare<[number, string]>('UPDATE alerts SET delivered_ms = ? WHERE key = ?');
  const fail = database.prepare<[number, string]>('UPDATE alerts SET tries = tries + 1, next_try_ms = ? WHERE key = ?');
  const prune = database.prepare<[number]>('DELETE FROM alerts WHERE created_ms < ?');
  return {
    add: (key, content, nowMs) => insert.run(key, content, nowMs).changes === 1,
    due: (nowMs, maxTries, limit) => selectDue.all(nowMs, maxTries, limit),
    delivered: (key, nowMs) => void deliver.run(nowMs, key),
    failed: (key, nextTryMs) => void fail.run(nextTryMs, key),
    prune: (beforeMs) => void prune.run(beforeMs),
  };
}
