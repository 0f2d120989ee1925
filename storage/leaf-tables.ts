/** The two tables of accounts. */

import type { TableShape } from './table.ts';

/** Leaves of a page. */
const LEAVES_PER_PAGE = 128;

/** Accounts that a batch changed, as they are after it. */
export interface LeafChangesRow {
  readonly batch: number;
  /** Index of the first account. */
  readonly first_leaf: number;
  /** Rows of 80 bytes, by ascending index. */
  readonly accounts: Buffer;
}

export const LEAF_CHANGES: TableShape<LeafChangesRow> = {
  name: 'leaf_changes',
  columns: ['batch', 'first_leaf', 'accounts'],
  key: ['batch', 'first_leaf'],
};

/** The accounts in 128 leaves. */
export interface LeafPageRow {
  /** The first leaf, by 128. */
  readonly page: number;
  /** They are as after this batch. */
  readonly batch: number;
  /** Rows of 80 bytes, by ascending index. */
  readonly accounts: Buffer;
}

export const LEAF_PAGES: TableShape<LeafPageRow> = {
  name: 'leaf_pages',
  columns: ['page', 'batch', 'accounts'],
  key: ['page'],
};

/** The page of a leaf. */
export function pageOf(leaf: number): number {
  return Math.floor(leaf / LEAVES_PER_PAGE);
}
