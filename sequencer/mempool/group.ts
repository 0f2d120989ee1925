/** Judges the transfers of one group, in order of arrival. Pure apart from the functions it is given. */

import type { Effects } from '@quittance/protocol';
import type { Candidate, Judged } from './admission.ts';
import type { FindKnown, Known } from './known.ts';
import type { OpenEntry } from './open-entry.ts';
import type { Identified } from './verify.ts';

/** An accepted transfer as the log takes it. */
export type OpenTransfer = OpenEntry & { readonly entry: Extract<OpenEntry['entry'], { readonly type: 'transfer' }> };

/** What becomes of a transfer. */
export type Verdict =
  /** To be logged and acknowledged. */
  | { readonly kind: 'accepted'; readonly open: OpenTransfer }
  /** The same as an earlier one of this group, whose fate it shares. */
  | { readonly kind: 'repeated' }
  /** In the log already. */
  | { readonly kind: 'known'; readonly known: Known }
  /** `isOurs`: for a failure of ours, which no sender can help. */
  | { readonly kind: 'refused'; readonly error: unknown; readonly isOurs?: true };

/** The checks that a group goes through. */
export interface Judges {
  readonly known: FindKnown;
  /** @throws RollupError MEMPOOL_FULL. */
  readonly requireRoom: () => void;
  /** What to log, and what it does. @throws RollupError with the first broken rule. */
  readonly judge: (candidate: Candidate) => Judged;
  /** Adds it, with what it does, to the pending state, which the next ones are judged by. */
  readonly append: (open: OpenTransfer, effects: Effects) => void;
}

/** The same bytes, and no others behind them: an accepted transfer must not keep the whole list that it came in. */
function ownBytes(packed: Uint8Array): Uint8Array {
  if (packed.buffer.byteLength === packed.length) return packed;
  return new Uint8Array(packed); // not `slice`, which gives a view where the list is a Buffer
}

/**
 * A verdict for each candidate, in order.
 *
 * @param firstSequence place in the log of the first that is accepted; the others follow without a gap.
 */
export function judgeGroup(
  candidates: readonly Identified[],
  firstSequence: number,
  receivedMs: number,
  { known, requireRoom, judge, append }: Judges,
): Verdict[] {
  const accepted = new Set<bigint>();
  return candidates.map(({ candidate, id }): Verdict => {
    if (accepted.has(id)) return { kind: 'repeated' };
    try {
      const found = known(id);
      if (found !== undefined) return { kind: 'known', known: found };
      requireRoom();
      const { operation, packed, effects } = judge(candidate);
      const sequence = firstSequence + accepted.size;
      const { nonce, reference } = candidate;
      const transfer = { type: 'transfer', id, operation, packed: ownBytes(packed), nonce } as const;
      const open: OpenTransfer = {
        ...{ sequence, receivedMs },
        entry: reference === undefined ? transfer : { ...transfer, reference },
      };
      append(open, effects);
      accepted.add(id);
      return { kind: 'accepted', open };
    } catch (error) {
      return { kind: 'refused', error };
    }
  });
}
