/** Builds the pending state at start-up: the open operations of the log, and what was requested on L1 meanwhile. */

import type { ExecutionState } from '@quittance/protocol';
import { batchRoom, pendingContext, type SequencerContext } from '../context.ts';
import { createLedger, type Ledger } from '../mempool/ledger.ts';
import type { OpenEntry } from '../mempool/open-entry.ts';
import { createPriorityReader } from '../mempool/priority.ts';
import { inBatchOrder, readOpen } from './open.ts';

function ledgerOf(
  context: SequencerContext,
  state: ExecutionState,
  onCut: () => void,
  open: readonly OpenEntry[],
): Ledger {
  const { operator } = context.config;
  const ledger = createLedger({ room: batchRoom(context), state, operator, onCut });
  for (const entry of open) ledger.append(entry, pendingContext(context));
  return ledger;
}

/** The ledger with the open operations of the log, in its order. L1 is not asked. */
export function openLedger(context: SequencerContext, state: ExecutionState, onCut: () => void): Ledger {
  return ledgerOf(context, state, onCut, readOpen(context.storage));
}

/**
 * The ledger to start with. L1 is read first: it would refuse a batch that leaves out an operation that became due while
 * the sequencer was down.
 *
 * @throws RollupError L1_UNREACHABLE, L1_LOGS_INCOMPLETE or FOREIGN_BATCH_FINAL.
 */
export async function catchUp(context: SequencerContext, state: ExecutionState, onCut: () => void): Promise<Ledger> {
  const { config, storage, clock } = context;
  const ledger = openLedger(context, state, onCut);
  const ignore = (): void => undefined;
  // What L1 took back is taken back once the parts run.
  const told = { onAppended: ignore, onHead: ignore, onTakenBack: ignore };
  await createPriorityReader({ context, ledger, ...told }).poll();
  const open = readOpen(storage);
  const ordered = inBatchOrder(open, storage, config, clock);
  return ordered === open ? ledger : ledgerOf(context, state, onCut, ordered);
}
