/** All pages at once: how new they are, and others in the place of everything that was known of accounts. */

import { ACCOUNT_ROW_BYTES } from '@quittance/protocol';
import type { Database } from './database.ts';
import { leafAt } from './leaf-rows.ts';
import { LEAF_PAGES, pageOf } from './leaf-tables.ts';
import { createTable } from './table.ts';

/** The rows of one page after the other. @param rows by ascending index. */
function* inPages(rows: Uint8Array): Generator<Buffer> {
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const page = pageOf(leafAt(rows, from));
    while (to < rows.length && pageOf(leafAt(rows, to)) === page) to += ACCOUNT_ROW_BYTES;
    yield Buffer.from(rows.buffer, rows.byteOffset + from, to - from);
  }
}

/** The last batch that a page has changes of; 0 when there are no pages. */
export function newestPage(database: Database): number {
  const { batch } = database
    .prepare<[], { batch: number }>('SELECT COALESCE(MAX(batch), 0) AS batch FROM leaf_pages')
    .get()!;
  return batch;
}

/** The accounts after `batch`, all of them. Call it inside a commit. */
export function writePages(database: Database, batch: number, rows: Uint8Array): void {
  database.prepare<[]>('DELETE FROM leaf_changes').run();
  database.prepare<[]>('DELETE FROM leaf_pages').run();
  const pages = createTable(database, LEAF_PAGES);
  for (const accounts of inPages(rows)) pages.put({ page: pageOf(leafAt(accounts, 0)), batch, accounts });
}
