/** Small named values: which deployment the database belongs to, how far the log is sealed. */

import type { Database } from './database.ts';
import { createTable, type Stored, type TableShape } from './table.ts';

/** Access to named values. */
export interface MetaRepository {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
}

interface Row {
  readonly name: string;
  readonly value: string;
}

export const META: TableShape<Row> = { name: 'meta', columns: ['name', 'value'], key: ['name'] };

/** The named values in `database`. */
export function createMetaRepository(database: Database): MetaRepository {
  const table = createTable(database, META);
  const select = database.prepare<[string], Stored<Row>>('SELECT * FROM meta WHERE name = ?');
  const remove = database.prepare<[string]>('DELETE FROM meta WHERE name = ?');
  return {
    get(name) {
      const row = select.get(name);
      return row === undefined ? undefined : table.checked(row).value;
    },
    set: (name, value) => table.put({ name, value }),
    remove: (name) => void remove.run(name),
  };
}
