/**
 * What L1 says against a priority operation of the log after a reorg deeper than the confirmations. Nothing is taken back
 * on the first word of a node: the same must be said, by the same block, when as many blocks stand on the first sight of
 * it as a deposit needs to be taken on. Until then no transfer is accepted.
 */

import { RollupError } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';

/** What one look at L1 found in the place of an operation of the log. */
export interface Sight {
  readonly queueIndex: number;
  readonly found: 'nothing' | 'another';
  /** The block that says so: that of the other request, or the last one that was read and holds none. */
  readonly blockNumber: number;
  readonly blockHash: string;
}

/** A sight, and the newest block of L1 when it was had first. */
export interface Doubt extends Sight {
  readonly firstSeenAt: number;
}

const META = 'l1_doubt';

/** The doubt of a database, if there is one. */
export function readDoubt({ meta }: Pick<Storage, 'meta'>): Doubt | undefined {
  const text = meta.get(META);
  return text === undefined ? undefined : (JSON.parse(text) as Doubt);
}

/** Notes the doubt, or that there is none any more. Writes only what is new. */
export function noteDoubt(storage: Storage, doubt: Doubt | undefined): void {
  const known = readDoubt(storage);
  if (JSON.stringify(known) === JSON.stringify(doubt)) return;
  storage.commit(() => {
    if (doubt === undefined) storage.meta.remove(META);
    else storage.meta.set(META, JSON.stringify(doubt));
  });
}

/** Forgets it within a commit. */
export function forgetDoubt({ meta }: Pick<Storage, 'meta'>): void {
  meta.remove(META);
}

/** What is said at this look is what was said at the first. */
function isSame(known: Doubt, sight: Sight): boolean {
  const isOfOne = known.queueIndex === sight.queueIndex && known.found === sight.found;
  // The last block that was read moves on; that of a request stays.
  return isOfOne && (sight.found === 'nothing' || known.blockHash === sight.blockHash);
}

/**
 * What follows from a look.
 *
 * @param known that of the looks before, whose block L1 still has. @param newest number of the newest block.
 * @param confirmations as many as a deposit needs.
 */
export function judgeSight(
  known: Doubt | undefined,
  sight: Sight | undefined,
  newest: number,
  confirmations: number,
): { readonly doubt: Doubt | undefined; readonly isConfirmed: boolean } {
  if (sight === undefined) return { doubt: undefined, isConfirmed: false };
  if (known === undefined || !isSame(known, sight)) {
    return { doubt: { ...sight, firstSeenAt: newest }, isConfirmed: false };
  }
  return { doubt: known, isConfirmed: newest >= known.firstSeenAt + confirmations };
}

/** What senders and the operator are told meanwhile. */
export function doubtError({ queueIndex, found }: Pick<Sight, 'queueIndex' | 'found'>): RollupError {
  const until = 'no transfer is accepted until L1 has confirmed what it holds now';
  if (found === 'nothing') {
    return new RollupError(
      'OPERATION_TAKEN_BACK',
      `a reorganization of L1 took back priority operation ${queueIndex}, on which later transfers may depend: ${until}`,
      { queueIndex },
    );
  }
  return new RollupError(
    'OPERATION_REPLACED',
    `a reorganization of L1 put another operation in the place of priority operation ${queueIndex}, on which later ` +
      `transfers may depend: ${until}`,
    { queueIndex },
  );
}
