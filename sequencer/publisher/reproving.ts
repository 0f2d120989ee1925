/**
 * Has final batches proven again that L1 took back, by a reorg deeper than the confirmations. Their proofs are not in this
 * database when another node of the cluster made them, when the batch was asserted and never proven, or when their rows are
 * damaged. What is executed for them comes from the database alone.
 */

import { type ExecutionState, isSignedKind, type Operation, RollupError, type StoredHeader } from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import { operationsOf } from '../batcher/operations.ts';
import type { SequencerContext } from '../context.ts';
import { accountsIfFolded } from '../reorg/take-back.ts';
import { restoreState } from '../restore.ts';
import { rederiveBatch } from '../start/rederive.ts';
import type { ProvingQueue } from './proving.ts';

/** Batches that are begun together: their traces are in memory until they are proven. */
const AT_ONCE = 8;

/** Has a final batch proven, and with it those behind it, unless they are being proven already. */
export type ProveAgain = (batch: BatchRow) => Promise<void>;

const isUnsigned = ({ fields, authorization }: Operation): boolean =>
  isSignedKind(fields.kind) && authorization === undefined;

/** L1 has no signatures of what was proven: who made the batch anew from there cannot prove it. */
function unprovable({ number }: BatchRow): RollupError {
  const reason =
    `L1 took back batch ${number}, which this database made anew from L1, without the signatures that a proof needs: ` +
    'a node or a copy that has them brings it there again; nothing else is posted before it';
  return new RollupError('PROVING_FAILED', reason, { reason });
}

type Context = Pick<SequencerContext, 'storage' | 'crypto' | 'config' | 'chain'>;

/** The state that a batch was executed on. @throws RollupError DATABASE_DAMAGED or RESOURCES_SHORT. */
async function stateBefore(context: Context, genesis: StoredHeader, number: number): Promise<ExecutionState> {
  const { storage, crypto } = context;
  const before = storage.batches.get(number - 1);
  const accounts = await accountsIfFolded(context, genesis, number - 1);
  if (accounts === undefined) return restoreState(storage, crypto.engine, before, genesis);
  return crypto.engine.restore(accounts, (before?.header ?? genesis).stateRoot);
}

/**
 * Execution for `add`, which has proven what has no proof yet. Each batch is begun once: a proof that fails for good halts.
 *
 * @returns a function that throws RollupError PROVING_FAILED where signatures are missing, DATABASE_DAMAGED or
 * RESOURCES_SHORT.
 */
export function createProveAgain(context: Context, genesis: StoredHeader, add: ProvingQueue['add']): ProveAgain {
  const { storage, config, crypto, chain } = context;
  const { profile } = config;
  const begun = new Set<string>();
  const canProve = ({ number, form }: BatchRow): boolean =>
    form !== 'evaluations' && !operationsOf(storage, profile, number).flat().some(isUnsigned);

  return async (first) => {
    if (begun.has(first.headerHash)) return;
    if (!canProve(first)) throw unprovable(first);
    const state = await stateBefore(context, genesis, first.number);
    let parent = storage.batches.get(first.number - 1)?.header ?? genesis;
    for (const batch of storage.batches.range(first.number, first.number + AT_ONCE - 1)) {
      if (batch.state !== 'final' || !canProve(batch)) return;
      const chunks = await rederiveBatch({
        ...{
          storage,
          engine: crypto.engine,
          profile,
          deployment: { chainId: chain.chainId, contract: chain.contract },
        },
        ...{ state, parent, batch, traces: true, checksIds: false, checksAccounts: false },
      });
      begun.add(batch.headerHash);
      add(batch.number, chunks);
      parent = batch.header;
    }
  };
}
