/**
 * Checks that the events of some blocks are complete: batches, assertions and disputes are numbered without a gap, and the
 * contracts count them. Answers have no number; a lost one shows in the contract's views (`lost-events.ts`).
 */

import {
  type AssertionReader,
  type BlockReference,
  firstMissing,
  type RollupReader,
  requireAll,
} from '@quittance/chain';
import type { WatchedEvent } from '../store/events.ts';

/** What is numbered. */
export type NumberedKind = 'finalized' | 'asserted' | 'disputed';

/** The last number of each: −1 or 0 when there is none, since batches are numbered from 0 on, the others from 1. */
export type LastNumbers = Readonly<Record<NumberedKind, number>>;

/** An event that must be there and is not. */
export interface MissingEvent {
  readonly kind: NumberedKind;
  readonly number: number;
}

/** What people call them. */
export const NUMBERED_WORDS: Readonly<Record<NumberedKind, string>> = {
  finalized: 'final batch',
  asserted: 'assertion',
  disputed: 'dispute',
};

/** What the contracts count up to a block. @throws RollupError L1_UNREACHABLE. */
export async function readCounts(
  reader: RollupReader,
  assertions: AssertionReader,
  { hash }: Pick<BlockReference, 'hash'>,
): Promise<LastNumbers> {
  const [{ number }, { assertionCount, disputeCount }] = await Promise.all([
    reader.finalState(hash),
    assertions.counts(hash),
  ]);
  return { finalized: number, asserted: assertionCount, disputed: disputeCount };
}

function numbersOf(events: readonly WatchedEvent[], kind: NumberedKind): number[] {
  const numbers = events.flatMap((event) => {
    if (event.type !== kind) return [];
    if (event.type === 'finalized') return [event.header.number];
    return [Number(event.type === 'asserted' ? event.assertionId : event.disputeId)];
  });
  return numbers.sort((one, other) => one - other);
}

/**
 * The first event that was left out; undefined when none was.
 *
 * @param known what was read before.
 * @param counted what the contracts count after these blocks; undefined when they were not asked.
 * @throws RollupError L1_INCONSISTENT when there are more events than they count.
 */
export function findMissing(
  events: readonly WatchedEvent[],
  known: LastNumbers,
  counted: LastNumbers | undefined,
  range: { readonly from: number; readonly to: number },
): MissingEvent | undefined {
  const finals = numbersOf(events, 'finalized');
  // Without the genesis nothing is known yet: reading began behind the deployment, which is said where it is looked for.
  if (known.finalized < 0 && finals[0] !== 0) return undefined;
  for (const kind of ['finalized', 'asserted', 'disputed'] as const) {
    const numbers = numbersOf(events, kind);
    const expected = { next: known[kind] + 1, count: counted && counted[kind] + 1 };
    const number = firstMissing(numbers, expected);
    if (number !== undefined) return { kind, number };
    requireAll(NUMBERED_WORDS[kind], numbers, expected, range);
  }
  return undefined;
}
