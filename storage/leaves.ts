/**
 * The accounts after each kept batch. What a batch changed is packed into rows of up to 128 accounts; the states before them
 * all are pages of 128 leaves. The state after a batch is the pages with the changes up to it laid over them, in order. Now
 * and then the changes of final batches are folded into the pages (leaf-fold.ts): the oldest first, so that this is true at
 * every moment between.
 */

import { ACCOUNT_ROW_BYTES, type Account, invariantBroken, RollupError } from '@quittance/protocol';
import type { Database } from './database.ts';
import { createLeafFolds, type LeafFold } from './leaf-fold.ts';
import { newestPage, writePages } from './leaf-pages.ts';
import { accountOf, findRow, joinRows, leafAt, overlayRows, rowsIn } from './leaf-rows.ts';
import { LEAF_CHANGES, LEAF_PAGES, type LeafChangesRow, type LeafPageRow, pageOf } from './leaf-tables.ts';
import { LeafVersions } from './leaf-versions.ts';
import { createTable, type Stored, type Table } from './table.ts';

/** Access to account versions. */
export interface LeafRepository {
  /**
   * Writes accounts that a batch changed, those behind what was written of it before. They count once the batch is there.
   *
   * @param rows as `ExecutionState.rows` gives them. @throws RollupError WRONG_LENGTH.
   */
  put(batch: number, rows: Uint8Array): void;
  /** All accounts after `batch`, as rows. @throws RollupError INVARIANT_BROKEN for a batch before what was folded. */
  rowsAfter(batch: number): Uint8Array;
  /** The same, one by one. */
  stateAfter(batch: number): Iterable<readonly [index: number, account: Account]>;
  /**
   * The accounts that batches [first, last] changed, each with its content after `last`, as rows.
   *
   * @throws RollupError INVARIANT_BROKEN when one of them was folded.
   */
  changedIn(first: number, last: number): Uint8Array;
  /** One account after `batch`. */
  getAfter(batch: number, index: number): Account | undefined;
  /**
   * Deletes the versions of batches ≥ `batch`, and ends a fold that is at work on one of them. What was folded is not undone:
   * `isFoldedBeyond` tells.
   */
  removeFrom(batch: number): void;
  /** Whether changes of batches after `batch` were folded, so that the accounts after it cannot be read any more. */
  isFoldedBeyond(batch: number): boolean;
  /** Puts these accounts, all that there are after `batch`, in the place of everything; ends any fold. @throws RollupError WRONG_LENGTH. */
  replaceAll(batch: number, rows: Uint8Array): void;
  /** Reads which batches changed which leaves: once, before the first question whose answer should not take long. */
  readVersions(): void;
  /** Account versions of batches up to `batch` that are not folded. */
  unfoldedCount(batch: number): number;
  /** The last batch of which changes were folded since this was opened; 0 for none. */
  readonly foldedThrough: number;
  /** The work of folding the batches up to `batch`, which must be final. One at a time. */
  fold(batch: number): LeafFold;
}

/** Accounts of a row, and leaves of a page: one of which a bit was flipped can be searched for it. */
const ACCOUNTS_PER_ROW = 128;

/** The rows of all pages with the latest changes laid over them. */
function layOver(pages: readonly LeafPageRow[], latest: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const over = Map.groupBy(latest, ([leaf]) => pageOf(leaf));
  const parts = pages.map(({ page, accounts }): [number, Uint8Array] => {
    const changed = over.get(page);
    over.delete(page);
    return [page, changed === undefined ? accounts : overlayRows(accounts, changed)];
  });
  for (const [page, rows] of over) parts.push([page, joinRows(rows)]);
  return Buffer.concat(parts.sort(([one], [other]) => one - other).map(([, rows]) => rows));
}

/** Whoever asks has lost track of what is final. */
function foldedAway(batch: number, through: number): RollupError {
  return invariantBroken(`what was after batch ${batch} was folded into what is after batch ${through}`, {
    batch,
    through,
  });
}

/** Which batches changed which leaves, by all rows there are. */
function versionsIn(rows: Iterable<Stored<LeafChangesRow>>, changes: Table<LeafChangesRow>): LeafVersions {
  const versions = new LeafVersions();
  for (const row of rows) for (const [leaf] of rowsIn(changes.checked(row).accounts)) versions.add(row.batch, leaf);
  return versions;
}

/** The last content of each account, by rows in the order of their batches. */
function latestIn(rows: Iterable<Stored<LeafChangesRow>>, changes: Table<LeafChangesRow>): Map<number, Uint8Array> {
  const latest = new Map<number, Uint8Array>();
  for (const row of rows) {
    for (const [leaf, account] of rowsIn(changes.checked(row).accounts)) latest.set(leaf, account);
  }
  return latest;
}

/** Accounts are whole rows. @throws RollupError WRONG_LENGTH. */
function requireRows(rows: Uint8Array): void {
  if (rows.length % ACCOUNT_ROW_BYTES === 0) return;
  const expected = `a multiple of ${ACCOUNT_ROW_BYTES}`;
  const message = `accounts have ${rows.length} bytes, expected ${expected}`;
  throw new RollupError('WRONG_LENGTH', message, { name: 'accounts', expected, actual: rows.length });
}

/** The account versions in `database`. */
export function createLeafRepository(database: Database): LeafRepository {
  const changes = createTable(database, LEAF_CHANGES);
  const pages = createTable(database, LEAF_PAGES);
  const selectChanges = database.prepare<[number, number], Stored<LeafChangesRow>>(
    'SELECT * FROM leaf_changes WHERE batch BETWEEN ? AND ? ORDER BY batch, first_leaf',
  );
  const selectPart = database.prepare<[number, number], Stored<LeafChangesRow>>(
    'SELECT * FROM leaf_changes WHERE batch = ? AND first_leaf <= ? ORDER BY first_leaf DESC LIMIT 1',
  );
  const selectPages = database.prepare<[], Stored<LeafPageRow>>('SELECT * FROM leaf_pages ORDER BY page');
  const selectPage = database.prepare<[number], Stored<LeafPageRow>>('SELECT * FROM leaf_pages WHERE page = ?');
  const remove = database.prepare<[number]>('DELETE FROM leaf_changes WHERE batch >= ?');
  let foldedThrough = 0;
  let known: LeafVersions | undefined;
  const folds = createLeafFolds(database);
  /** Read from disk when they are needed first. */
  const versions = (): LeafVersions => {
    known ??= versionsIn(selectChanges.iterate(0, Number.MAX_SAFE_INTEGER), changes);
    return known;
  };

  const changedIn = (first: number, last: number): Map<number, Uint8Array> =>
    latestIn(selectChanges.iterate(first, last), changes);

  const rowsAfter = (batch: number): Uint8Array => {
    const found = selectPages.all().map((row) => pages.checked(row));
    const folded = found.find((page) => page.batch > batch);
    if (folded !== undefined) throw foldedAway(batch, folded.batch);
    return layOver(found, changedIn(0, batch));
  };

  return {
    put(batch, rows) {
      requireRows(rows);
      const step = ACCOUNTS_PER_ROW * ACCOUNT_ROW_BYTES;
      for (let offset = 0; offset < rows.length; offset += step) {
        const accounts = Buffer.from(rows.buffer, rows.byteOffset + offset, Math.min(step, rows.length - offset));
        changes.insert({ batch, first_leaf: leafAt(accounts, 0), accounts });
      }
      for (const [leaf] of rowsIn(rows)) known?.add(batch, leaf);
    },
    rowsAfter,
    *stateAfter(batch) {
      for (const [leaf, row] of rowsIn(rowsAfter(batch))) yield [leaf, accountOf(row)];
    },
    changedIn(first, last) {
      if (first <= foldedThrough)
        throw invariantBroken(`the changes of batch ${first} were folded away`, { foldedThrough });
      return joinRows(changedIn(first, last));
    },
    getAfter(batch, index) {
      const version = versions().find(batch, index);
      const part = version === undefined ? undefined : selectPart.get(version, index);
      const row = part === undefined ? undefined : findRow(changes.checked(part).accounts, index);
      if (row !== undefined) return accountOf(row);
      const page = selectPage.get(pageOf(index));
      const found = page && findRow(pages.checked(page).accounts, index);
      return found && accountOf(found);
    },
    removeFrom(batch) {
      folds.endFrom(batch);
      remove.run(batch);
      known?.removeFrom(batch);
    },
    isFoldedBeyond: (batch) => newestPage(database) > batch,
    replaceAll(batch, rows) {
      requireRows(rows);
      folds.endFrom(0);
      writePages(database, batch, rows);
      known = new LeafVersions();
      foldedThrough = batch;
    },
    readVersions: () => void versions(),
    unfoldedCount: (batch) => versions().countUpTo(batch),
    get foldedThrough() {
      return foldedThrough;
    },
    fold: (batch) =>
      folds.begin(batch, versions(), () => {
        foldedThrough = batch;
      }),
  };
}
