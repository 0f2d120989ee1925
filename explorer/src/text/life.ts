/** The life of a batch or of a transfer as steps, and how far it is. */

import type { ConfigJson } from '@quittance/rpc';

type Mode = ConfigJson['mode'];

/** Where a step is from the point of view of the present state. */
export type StepState = 'done' | 'now' | 'next' | 'bad';

/** A step of a life. */
export interface LifeStep {
  readonly name: string;
  readonly state: StepState;
}

/** Steps behind `pending`, in the order of each mode; the same words as everywhere. */
const ORDER: Readonly<Record<Mode, readonly string[]>> = {
  zk: ['sealed', 'proving', 'posted', 'final'],
  optimistic: ['sealed', 'posted', 'final'],
  hybrid: ['sealed', 'posted', 'proving', 'final'],
};

/** States that go wrong, and the step where that shows. */
const WRONG: Readonly<Record<string, string>> = { disputed: 'posted', reverted: 'posted' };

/**
 * The steps of a life that is at `status`.
 *
 * @param hasPending whether it begins before a batch, as a transfer's does.
 */
export function lifeOf(status: string, mode: Mode, hasPending: boolean): readonly LifeStep[] {
  if (status === 'dropped') {
    return [
      { name: 'pending', state: 'done' },
      { name: 'dropped', state: 'bad' },
    ];
  }
  const names = [...(hasPending ? ['pending'] : []), ...ORDER[mode]];
  const wrongAt = WRONG[status];
  const position = names.indexOf(wrongAt ?? status);
  return names.flatMap((name, index): LifeStep[] => {
    const isLast = name === 'final';
    if (index < position) return [{ name, state: 'done' }];
    if (index > position) return [{ name, state: 'next' }];
    if (wrongAt === undefined) return [{ name, state: isLast ? 'done' : 'now' }];
    return [
      { name, state: 'done' },
      { name: status, state: 'bad' },
    ];
  });
}

/** What a state means for whoever waits for money. */
export const MEANINGS: Readonly<Record<string, string>> = {
  pending: 'Accepted and on disk: the sequencer’s promise.',
  sealed: 'In a batch: still the sequencer’s promise.',
  proving: 'In a batch whose proofs are being made.',
  posted: 'Its data is on L1; a producer can still replace it by proving another batch.',
  disputed: 'On L1, and somebody says that it is wrong.',
  reverted: 'L1 removed it; the sequencer posts it again.',
  final: 'Final on L1: nobody can take it back.',
  dropped: 'It will never be in a batch, and nothing was paid.',
};
