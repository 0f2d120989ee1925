/**
 * The first batch that the shadow has not yet agreed with, in the database: a process that ends in between, or because they
 * disagree, must not post the batch at its next start.
 */

import type { Storage } from '../../storage/index.ts';

const META = 'unverified';

/** The number of the first batch that was drawn and not agreed with; undefined when there is none. */
export function unverifiedBatch({ meta }: Pick<Storage, 'meta'>): number | undefined {
  const text = meta.get(META);
  return text === undefined ? undefined : Number(text);
}

/** Remembers that a batch is to be looked at. Belongs into the commit that seals it. */
export function rememberUnverified(storage: Pick<Storage, 'meta'>, batch: number): void {
  const known = unverifiedBatch(storage);
  if (known === undefined || batch < known) storage.meta.set(META, String(batch));
}

/** Forgets a batch that the shadow agrees with, and those before it. Counts with the next commit. */
export function forgetUnverified(storage: Storage, batch: number): void {
  const known = unverifiedBatch(storage);
  if (known !== undefined && known <= batch) storage.stage(() => storage.meta.remove(META));
}
