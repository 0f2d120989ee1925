/** Watches over looks at L1 for what they say against operations of the log, and tells once it is certain. */

import { RollupError } from '@quittance/protocol';
import type { BatchRow, PriorityRow } from '../../storage/index.ts';
import type { SequencerContext } from '../context.ts';
import { mismatch } from '../publisher/refusals.ts';
import { isWaiting } from '../start/waits.ts';
import { type Doubt, judgeSight, noteDoubt, readDoubt, type Sight } from './doubt.ts';
import { planTakeBack } from './take-back.ts';

/** Two answers that exclude each other, about an operation that L1 has and has not. */
function inconsistent({ queueIndex }: Sight, what: string): RollupError {
  return new RollupError(
    'L1_INCONSISTENT',
    `the node says that priority operation ${queueIndex} is gone, and that L1 has ${what}: nothing is taken back on this`,
    { what, expected: 'one of both', actual: 'both' },
  );
}

type Context = Pick<SequencerContext, 'chain' | 'assertions' | 'storage' | 'config' | 'logger'>;

/** @throws RollupError FOREIGN_BATCH_FINAL, or L1_INCONSISTENT while L1 has the batch. */
async function requireBatchGone(context: Context, sight: Sight, batch: BatchRow): Promise<void> {
  const { chain } = context;
  if ((await chain.finalState()).number >= batch.number) {
    const hash = await chain.headerHash(batch.number);
    if (hash !== undefined && hash !== batch.headerHash) throw mismatch(batch, hash);
    throw inconsistent(sight, `batch ${batch.number}, which executes it`);
  }
  if (await isWaiting(context, batch)) throw inconsistent(sight, `batch ${batch.number}, which executes it, waiting`);
}

/**
 * Whether L1 no longer has anything of the operation: neither the block that it stood in, nor a batch that executes it; and
 * whether it still has the block that says so.
 *
 * @throws RollupError L1_INCONSISTENT while answers exclude each other, FOREIGN_BATCH_FINAL when L1 made another batch final
 * than ours, or why L1 could not be asked.
 */
async function requireGone(context: Context, sight: Sight, row: PriorityRow): Promise<void> {
  const { chain, storage } = context;
  if ((await chain.block(sight.blockNumber))?.hash !== sight.blockHash)
    throw inconsistent(sight, 'another block than the one that says so');
  if ((await chain.block(row.blockNumber))?.hash === row.blockHash)
    throw inconsistent(sight, 'the block in which it was requested');
  const batch = storage.batches.get(planTakeBack(storage, row.queueIndex).batch);
  if (batch !== undefined) await requireBatchGone(context, sight, batch);
}

/** Watches over looks. */
export interface ReorgWatch {
  /**
   * A look came to its end.
   *
   * @param sight what it found in the place of the first operation that is not on L1 as the log has it.
   * @param newest number of the newest block. @returns what is certain now, and has to be taken back.
   * @throws RollupError as `requireGone`; the doubt stays then.
   */
  looked(sight: Sight | undefined, newest: number): Promise<Doubt | undefined>;
}

/** A watch that keeps its doubt in the database, so that a restart does not begin to wait anew. */
export function createReorgWatch(context: Context): ReorgWatch {
  const { chain, storage, config, logger } = context;
  return {
    async looked(sight, newest) {
      const noted = readDoubt(storage);
      const isThere = noted !== undefined && (await chain.block(noted.blockNumber))?.hash === noted.blockHash;
      const { doubt, isConfirmed } = judgeSight(isThere ? noted : undefined, sight, newest, config.confirmations);
      if (doubt !== undefined && doubt !== noted) {
        logger.warn('L1 does not have a priority operation as it was taken on; no transfer is accepted', { ...doubt });
      }
      if (noted !== undefined && doubt === undefined)
        logger.info('L1 has the priority operations as they were taken on');
      noteDoubt(storage, doubt);
      if (doubt === undefined || !isConfirmed) return undefined;
      // What is requested already but not confirmed may be the same again.
      if (doubt.found === 'nothing' && (await chain.queueState()).requestedCount > doubt.queueIndex) return undefined;
      await requireGone(context, doubt, storage.priority.get(doubt.queueIndex)!);
      return doubt;
    },
  };
}
