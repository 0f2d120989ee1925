/**
 * The batches that the shadow has not yet agreed with, in the database: a process that ends in between, or because they
 * disagree, must not post them at its next start, nor may another node that leads by then.
 */

import type { Storage } from '../../storage/index.ts';

const META = 'unverified';

/** Their numbers in order, with commas between them; databases of before have one. */
function read({ meta }: Pick<Storage, 'meta'>): number[] {
  return meta.get(META)?.split(',').map(Number) ?? [];
}

/** The number of the first batch that was drawn and not agreed with; undefined when there is none. */
export function unverifiedBatch(storage: Pick<Storage, 'meta'>): number | undefined {
  return read(storage)[0];
}

/** Remembers that a batch is to be looked at. Belongs into the commit that seals it. */
export function rememberUnverified(storage: Pick<Storage, 'meta'>, batch: number): void {
  const all = new Set([...read(storage), batch]);
  storage.meta.set(META, [...all].sort((one, other) => one - other).join(','));
}

/** Forgets a batch that the shadow agrees with, or that is final, and those before it. Counts with the next commit. */
export function forgetUnverified(storage: Pick<Storage, 'meta' | 'stage'>, batch: number): void {
  const known = read(storage);
  const left = known.filter((number) => number > batch);
  if (left.length === known.length) return;
  storage.stage(() => (left.length === 0 ? storage.meta.remove(META) : storage.meta.set(META, left.join(','))));
}
