/**
 * The leaves that a batch changed, as bytes. One row a leaf, by ascending index:
 *
 * | offset | bytes | content |
 * | ---: | ---: | --- |
 * | 0 | 4 | index, big-endian |
 * | 4 | 1 | bit 0: there was an account before; bit 1: there is one after |
 * | 5 | 3 | 0 |
 * | 8 | 76 | the account before (`tree/account-row.ts`), 0 when there was none |
 * | 84 | 76 | the account after, 0 when there is none |
 */

import type { Account } from '../types.ts';

/** Bytes of a row. Twin: native/core/src/engine/changes.rs CHANGE_BYTES. */
export const CHANGE_BYTES = 160;

/** A leaf before and after a batch or a part of it; undefined is an empty leaf. */
export interface LeafChange {
  readonly index: number;
  readonly before: Account | undefined;
  readonly after: Account | undefined;
}

/** Changed leaves, decoded when they are looked at. */
export interface LeafChanges extends Iterable<LeafChange> {
  readonly count: number;
  /** The rows. */
  readonly bytes: Uint8Array;
}
