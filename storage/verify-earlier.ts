/**
 * Rows of an earlier schema: a migration makes checksums anew, so whatever is wrong with a row must be found before it, while
 * the version that wrote it can still mend it.
 */

import type { Database } from './database.ts';
import { CHECKED_COLUMNS as FIRST } from './migrations/0003-checksums.ts';
import { CHECKED_COLUMNS as ADDED_BY_DATA_FORMS } from './migrations/0004-data-forms.ts';
import { checkRows, type TableShape } from './table.ts';

/** The checked columns by version; before the third there were no checksums. */
const COLUMNS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  3: FIRST,
  4: { ...FIRST, ...ADDED_BY_DATA_FORMS },
};

/** @throws RollupError DATABASE_DAMAGED naming the first row that is not as it was written. */
export function verifyEarlier(database: Database, version: number): void {
  const shapes = Object.entries(COLUMNS[version] ?? {}).map(([name, list]) => {
    const columns = list.split(', ');
    return { name, columns, key: columns.slice(0, 2) };
  });
  checkRows(database, shapes as readonly unknown[] as readonly TableShape<never>[]);
}
