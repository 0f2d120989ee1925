/**
 * Folds what final batches changed into the pages, in small steps: reads the changes, writes each page that they touch, then
 * deletes them, the oldest first. Whatever it is interrupted by, pages with the remaining changes laid over them are the same
 * state as before, and the next fold begins anew.
 */

import { type Database, LIMIT } from './database.ts';
import { overlayRows, rowsIn } from './leaf-rows.ts';
import { LEAF_CHANGES, LEAF_PAGES, type LeafChangesRow, type LeafPageRow, pageOf } from './leaf-tables.ts';
import type { LeafVersions } from './leaf-versions.ts';
import { createTable, type Stored } from './table.ts';

/** Work in steps of a millisecond or two. */
export interface LeafFold {
  /** Does the next step; inside `Storage.stage` or `Storage.commit`. @returns whether there is another. */
  step(): boolean;
}

/** Rows of changes, or pages, of a step: about 100 kB. */
const ROWS_PER_STEP = 10;

/** The steps, each of which ends with a yield. */
function* foldSteps(
  database: Database,
  through: number,
  versions: LeafVersions,
  onFolded: () => void,
): Generator<void, void, void> {
  const changes = createTable(database, LEAF_CHANGES);
  const pages = createTable(database, LEAF_PAGES);
  const selectChanges = database.prepare<[number, number, number, number], Stored<LeafChangesRow>>(
    `SELECT * FROM leaf_changes WHERE (batch, first_leaf) > (?, ?) AND batch <= ?
     ORDER BY batch, first_leaf ${LIMIT}`,
  );
  const selectPage = database.prepare<[number], Stored<LeafPageRow>>('SELECT * FROM leaf_pages WHERE page = ?');
  const deleteChanges = database.prepare<[number, number]>(
    `DELETE FROM leaf_changes WHERE (batch, first_leaf) IN
     (SELECT batch, first_leaf FROM leaf_changes WHERE batch <= ? ORDER BY batch, first_leaf ${LIMIT})`,
  );

  const latest = new Map<number, Map<number, Uint8Array>>();
  for (let after: Pick<LeafChangesRow, 'batch' | 'first_leaf'> = { batch: -1, first_leaf: -1 }; ; ) {
    const rows = selectChanges.all(after.batch, after.first_leaf, through, ROWS_PER_STEP);
    for (const row of rows) {
      for (const [leaf, account] of rowsIn(changes.checked(row).accounts)) {
        const page = pageOf(leaf);
        const known = latest.get(page);
        if (known === undefined) latest.set(page, new Map([[leaf, account]]));
        else known.set(leaf, account);
      }
    }
    if (rows.length < ROWS_PER_STEP) break;
    after = rows.at(-1)!;
    yield;
  }
  yield;

  for (const [position, [page, over]] of [...latest].sort(([one], [other]) => one - other).entries()) {
    const old = selectPage.get(page);
    const base = old === undefined ? new Uint8Array() : pages.checked(old).accounts;
    const accounts = Buffer.from(overlayRows(base, over).buffer);
    pages.put({ page, batch: through, accounts });
    if (position % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
  }
  onFolded();
  yield;

  while (deleteChanges.run(through, ROWS_PER_STEP).changes > 0) yield;
  versions.beginForgetting(through);
  while (versions.forgetSome()) yield;
}

/** Folds, one at a time. */
export interface LeafFolds {
  /**
   * The work of folding the changes of batches up to `through`.
   *
   * @param versions of the repository; what is folded is forgotten there. @param onFolded told when the pages have it all.
   */
  begin(through: number, versions: LeafVersions, onFolded: () => void): LeafFold;
  /** Ends the fold at work if `batch` is among what it folds: what it has read of it must not come into the pages. */
  endFrom(batch: number): void;
}

/** Folds in `database`; none is at work. */
export function createLeafFolds(database: Database): LeafFolds {
  let last = { through: 0, isEnded: true };
  return {
    begin(through, versions, onFolded) {
      const own = { through, isEnded: false };
      last = own;
      const steps = foldSteps(database, through, versions, onFolded);
      return { step: () => !own.isEnded && steps.next().done !== true };
    },
    endFrom(batch) {
      if (last.through >= batch) last.isEnded = true;
    },
  };
}
