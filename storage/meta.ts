/** Small named values: which deployment the database belongs to, how far the log is sealed. */

import type { Database } from './database.ts';

/** Access to named values. */
export interface MetaRepository {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
}

/** The named values in `database`. */
export function createMetaRepository(database: Database): MetaRepository {
  const select = database.prepare<[string], { value: string }>('SELECT value FROM meta WHERE name = ?');
  const upsert = database.prepare(
    'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare<[string]>('DELETE FROM meta WHERE name = ?');
  return {
    get: (name) => select.get(name)?.value,
    set: (name, value) => void upsert.run(name, value),
    remove: (name) => void remove.run(name),
  };
}
