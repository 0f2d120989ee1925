/** The operations of a batch in the order in which they are executed. */

import { type ChunkContext, RecordKind, StateOverlay, type StateView } from '@quittance/protocol';
import { applyTrusted } from '../apply.ts';
import { type OpenEntry, withExitAmount } from '../mempool/open-entry.ts';
import type { PlannedOperation } from './plan.ts';

/**
 * Priority operations in queue order, then transfers in the order of the log. What a forced exit pays depends on the state at
 * its turn, which only the priority operations before it have changed.
 *
 * @param view sealed state before the batch.
 */
export function inExecutionOrder(
  entries: readonly OpenEntry[],
  view: StateView,
  context: ChunkContext,
): PlannedOperation[] {
  const state = new StateOverlay(view);
  const hasExits = entries.some(({ entry }) => entry.operation.fields.kind === RecordKind.forcedExit);
  const priority = entries.flatMap((source): PlannedOperation[] => {
    const { entry } = source;
    if (entry.type !== 'priority') return [];
    if (!hasExits) return [{ operation: entry.operation, source }];
    const operation = withExitAmount(state, entry);
    const applied = applyTrusted(state, operation, 0, context);
    // One that is refused is for the engine to refuse.
    if ('effects' in applied) for (const change of applied.effects.changes) state.write(change);
    return [{ operation, source }];
  });
  const transfers = entries.flatMap((source): PlannedOperation[] =>
    source.entry.type === 'transfer' ? [{ operation: source.entry.operation, source }] : [],
  );
  return [...priority, ...transfers];
}
