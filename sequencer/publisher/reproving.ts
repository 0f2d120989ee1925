/**
 * Has batches proven again: final ones that L1 took back, by a reorg deeper than the confirmations, and those whose proofs L1
 * refused. Proofs of the former are not in this database when another node of the cluster made them, when the batch was
 * asserted and never proven, or when their rows are damaged. What is executed for them comes from the database alone.
 */

import {
  type ExecutionState,
  isRollupError,
  isSignedKind,
  type Operation,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import type { BatchRow } from '../../storage/index.ts';
import type { SealedChunk } from '../batcher/batch.ts';
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

/** Whether the database has all that a proof of the batch needs. */
function canProve({ storage, config }: Context, { number, form }: BatchRow): boolean {
  return form !== 'evaluations' && !operationsOf(storage, config.profile, number).flat().some(isUnsigned);
}

/** The state that a batch was executed on. @throws RollupError DATABASE_DAMAGED or RESOURCES_SHORT. */
async function stateBefore(context: Context, genesis: StoredHeader, number: number): Promise<ExecutionState> {
  const { storage, crypto } = context;
  const before = storage.batches.get(number - 1);
  const accounts = await accountsIfFolded(context, genesis, number - 1);
  if (accounts === undefined) return restoreState(storage, crypto.engine, before, genesis);
  return crypto.engine.restore(accounts, (before?.header ?? genesis).stateRoot);
}

/** The chunks of a batch with their traces, executed on the state before it. */
function executeAgain(
  { storage, crypto, config, chain }: Context,
  parent: StoredHeader,
  state: ExecutionState,
  batch: BatchRow,
): Promise<SealedChunk[]> {
  return rederiveBatch({
    ...{ storage, engine: crypto.engine, profile: config.profile },
    deployment: { chainId: chain.chainId, contract: chain.contract },
    ...{ state, parent, batch, traces: true, checksIds: false, checksAccounts: false },
  });
}

/**
 * Execution for `add`, which has proven what has no proof yet. Each batch is begun once: a proof that fails for good halts.
 *
 * @returns a function that throws RollupError PROVING_FAILED where signatures are missing, DATABASE_DAMAGED or
 * RESOURCES_SHORT.
 */
export function createProveAgain(context: Context, genesis: StoredHeader, add: ProvingQueue['add']): ProveAgain {
  const { storage } = context;
  const begun = new Set<string>();

  return async (first) => {
    if (begun.has(first.headerHash)) return;
    if (!canProve(context, first)) throw unprovable(first);
    const state = await stateBefore(context, genesis, first.number);
    let parent = storage.batches.get(first.number - 1)?.header ?? genesis;
    for (const batch of storage.batches.range(first.number, first.number + AT_ONCE - 1)) {
      if (batch.state !== 'final' || !canProve(context, batch)) return;
      const chunks = await executeAgain(context, parent, state, batch);
      begun.add(batch.headerHash);
      add(batch.number, chunks);
      parent = batch.header;
    }
  };
}

/** Sends proofs of a batch. Those that prove nothing are made anew where L1 refuses them. @throws what `send` throws. */
export type SendProofs = <Sent>(batch: BatchRow, send: () => Promise<Sent>) => Promise<Sent>;

/**
 * For proofs that were damaged after they were verified. Where all of them verify here, L1 and this process disagree, which no
 * other proof changes: nothing is made anew.
 */
export function createSendProofs(
  context: Context & Pick<SequencerContext, 'prover' | 'logger'>,
  genesis: StoredHeader,
  add: ProvingQueue['add'],
): SendProofs {
  const { storage, prover, logger } = context;
  /** Header hashes of batches whose proofs verify here. */
  const sound = new Set<string>();

  async function replaceBad(batch: BatchRow): Promise<void> {
    if (prover === undefined || sound.has(batch.headerHash) || !canProve(context, batch)) return;
    const { number } = batch;
    const state = await stateBefore(context, genesis, number);
    const parent = storage.batches.get(number - 1)?.header ?? genesis;
    const chunks = await executeAgain(context, parent, state, batch);
    const bad: number[] = [];
    for (const [chunk, { trace, challenge }] of chunks.entries()) {
      const stored = storage.proofs.get(number, chunk);
      if (stored !== undefined && !(await prover.verifyChunk(trace!, challenge, stored.proof))) bad.push(chunk);
    }
    if (bad.length === 0) {
      sound.add(batch.headerHash);
      return;
    }
    logger.warn('L1 refused proofs that prove nothing; they are made anew', { batch: number, chunks: bad.join() });
    storage.commit(() => {
      for (const chunk of bad) storage.proofs.remove(number, chunk);
    });
    add(number, chunks);
  }

  return async (batch, send) => {
    try {
      return await send();
    } catch (error) {
      if (isRollupError(error, 'L1_REJECTED') && error.data.error === 'InvalidProof') await replaceBad(batch);
      throw error;
    }
  };
}
