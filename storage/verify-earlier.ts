/**
 * Rows of an earlier schema: a migration makes checksums anew, so whatever is wrong with a row must be found before it, while
 * the version that wrote it can still mend it.
 */

import type { Database } from './database.ts';
import { CHECKED_COLUMNS as FIRST } from './migrations/0003-checksums.ts';
import { CHECKED_COLUMNS as ADDED_BY_DATA_FORMS } from './migrations/0004-data-forms.ts';
import { CHECKED_COLUMNS as CHANGED_BY_PACKING, ADDED_COLUMNS as MADE_BY_PACKING } from './migrations/0005-packed.ts';
import { checkRows, type TableShape } from './table.ts';

/** Without the tables that packing did away with. */
const { placements: _placements, leaves: _leaves, ...KEPT_BY_PACKING } = { ...FIRST, ...ADDED_BY_DATA_FORMS };

/** The checked columns by version; before the third there were no checksums. */
const COLUMNS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  3: FIRST,
  4: { ...FIRST, ...ADDED_BY_DATA_FORMS },
  5: { ...KEPT_BY_PACKING, ...CHANGED_BY_PACKING, ...MADE_BY_PACKING },
};

/** @throws RollupError DATABASE_DAMAGED naming the first row that is not as it was written. */
export function verifyEarlier(database: Database, version: number): void {
  const shapes = Object.entries(COLUMNS[version] ?? {}).map(([name, list]) => {
    const columns = list.split(', ');
    return { name, columns, key: columns.slice(0, 2) };
  });
  checkRows(database, shapes as readonly unknown[] as readonly TableShape<never>[]);
}
