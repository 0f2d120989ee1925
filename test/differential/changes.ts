/** Changes of operations and drafts in one place. */

import { float40, type Operation, type RecordFields } from '@quittance/protocol';
import type { Draft } from './drafts.ts';
import type { ReachableRollup } from './reachable.ts';

/** The operation with other fields, signed as before. */
export const withFields = (operation: Operation, fields: Partial<RecordFields>): Operation => ({
  ...operation,
  fields: { ...operation.fields, ...fields },
});
/** The operation with another word. */
export const withWord = (operation: Operation, position: number, word: bigint): Operation => ({
  ...operation,
  words: operation.words.with(position, word),
});
/** The draft with other fields, not signed yet. */
export const withDraft = (draft: Draft, fields: Partial<RecordFields>, changes: Partial<Draft> = {}): Draft => ({
  ...draft,
  ...changes,
  fields: { ...draft.fields, ...fields },
});

/** A number near `value`, or any other of this width. */
export function otherThan({ random }: ReachableRollup, value: bigint, bits: number): bigint {
  const other = random.pick([
    value + 1n,
    value - 1n,
    value ^ (1n << BigInt(random.below(bits))),
    random.bits(bits),
    0n,
  ]);
  return other === value || other < 0n || other >> BigInt(bits) !== 0n ? value ^ 1n : other;
}

/** A record whose amount is changed, and for a withdrawal or a move the word that repeats it. */
export function withAmount(draft: Draft, amountFloat: bigint): Draft {
  const words =
    draft.words.length === 3 && draft.fields.kind !== 2
      ? draft.words.with(2, float40.decode(amountFloat))
      : draft.words;
  return withDraft(draft, { amountFloat }, { words });
}
