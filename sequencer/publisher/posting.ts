/**
 * Brings proven batches to L1 strictly in order, and follows them until they are final. What L1 has decides: a batch
 * that is there already is adopted, one that a reorg removed is posted again, one that is not ours stops everything.
 */

import type { BatchSubmission, BlockReference } from '../../chain/index.ts';
import { isRollupError, RollupError, type StoredHeader } from '../../protocol/index.ts';
import type { BatchRow, BatchState, Inclusion } from '../../storage/index.ts';
import { isTooOld } from '../batcher/unseal.ts';
import type { SequencerContext } from '../context.ts';

/** Posts and follows batches. */
export interface Poster {
  /** One look: posts what can be posted, makes final what is confirmed. @throws RollupError. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PosterOptions {
  readonly context: SequencerContext;
  readonly genesis: StoredHeader;
  /** Told when a batch changed its state. */
  readonly onState: (batch: BatchRow, state: BatchState) => void;
}

/** A poster over the batches of the database. */
export function createPoster({ context, genesis, onState }: PosterOptions): Poster {
  const { config, chain, constants, storage, clock, logger } = context;

  const mismatch = (batch: BatchRow, actual: string): RollupError =>
    new RollupError(
      'STATE_MISMATCH',
      `L1 has another batch ${batch.number} than ours: another producer, or a restored database. Nothing more is ` +
        'accepted or posted; see docs/operations.md',
      { batch: batch.number, expected: batch.headerHash, actual },
    );

  const setPosted = (batch: BatchRow, inclusion: Inclusion | undefined): void => {
    if (batch.state === 'final' && inclusion !== undefined) {
      // Final stays final: its content cannot change any more, only its place on L1.
      storage.commit(() => storage.batches.move(batch.number, inclusion));
      return;
    }
    storage.commit(() => storage.batches.setPosted(batch.number, inclusion, clock.nowMs()));
    onState(batch, inclusion === undefined ? 'proving' : 'posted');
  };

  /** Takes a batch that L1 has as posted. @returns false when L1 does not have it. */
  async function adopt(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const hash = await chain.headerHash(batch.number);
    if (hash === undefined) return false;
    if (hash !== batch.headerHash) throw mismatch(batch, hash);
    const parentBlock = storage.batches.get(batch.number - 1)?.inclusion?.blockNumber;
    const found = await chain.findBatch(batch.number, parentBlock ?? config.deploymentBlock, head.number);
    // The event may be in a newer block than the head that was read; the next look finds it.
    if (found === undefined || found.headerHash !== batch.headerHash) return false;
    const { transactionHash, blockNumber, blockHash } = found;
    if (batch.inclusion?.blockHash !== blockHash) {
      setPosted(batch, { transactionHash, blockNumber, blockHash });
      logger.info('L1 has the batch', { batch: batch.number, transactionHash, blockNumber });
    }
    return true;
  }

  const submissionOf = (batch: BatchRow): BatchSubmission | undefined => {
    const chunks = storage.chunks.ofBatch(batch.number);
    const proofs = chunks.flatMap(({ proof }) => (proof === undefined ? [] : [proof]));
    if (proofs.length < chunks.length) return undefined;
    const parent = batch.number === 1 ? genesis : storage.batches.get(batch.number - 1)!.header;
    return {
      parent,
      number: batch.number,
      time: batch.header.time,
      roots: [parent.stateRoot, ...chunks.map(({ newRoot }) => newRoot)],
      commitments: chunks.map(({ commitment }) => commitment),
      feeTokens: chunks.map(({ feeTokens }) => feeTokens),
      chunks: chunks.map(({ data }) => data),
      proofs,
    };
  };

  async function submit(batch: BatchRow, head: BlockReference, signal: AbortSignal): Promise<boolean> {
    if (batch.state !== 'final' && isTooOld(batch, head.timestamp, constants))
      throw tooOld(batch, constants.maxBatchAgeSeconds);
    const submission = submissionOf(batch);
    if (submission === undefined) return false;
    const { transactionHash, blockNumber, blockHash, gasUsed } = await chain.submitBatch(submission, signal);
    setPosted(batch, { transactionHash, blockNumber, blockHash });
    logger.info('posted a batch', { batch: batch.number, transactionHash, blockNumber, gasUsed });
    return true;
  }

  /** Whether L1 still has the batch where it was; if it moved or vanished, says so in the database. */
  async function isStillThere(batch: BatchRow, head: BlockReference): Promise<boolean> {
    const { blockNumber, blockHash } = batch.inclusion!;
    if ((await chain.block(blockNumber))?.hash === blockHash) return true;
    if (await adopt(batch, head)) return false; // moved to another block: confirmed later
    if ((await chain.headerHash(batch.number)) !== undefined) return false; // there, but its event not yet found
    const later = storage.batches
      .range(batch.number, Number.MAX_SAFE_INTEGER)
      .filter(({ state }) => state === 'posted');
    logger.warn('a reorg removed batches from L1; they are posted again', { first: batch.number, count: later.length });
    for (const lost of later.reverse()) setPosted(lost, undefined);
    return false;
  }

  async function finalise(head: BlockReference): Promise<void> {
    const first = (storage.batches.lastFinal()?.number ?? 0) + 1;
    for (const batch of storage.batches.range(first, storage.batches.lastPosted()?.number ?? 0)) {
      if (batch.state !== 'posted' || !(await isStillThere(batch, head))) return;
      if (head.number < batch.inclusion!.blockNumber + config.confirmations - 1) return;
      storage.commit(() => {
        storage.batches.setFinal(batch.number, clock.nowMs());
        storage.leaves.pruneBefore(batch.number);
      });
      onState(batch, 'final');
    }
  }

  async function postAll(head: BlockReference, signal: AbortSignal): Promise<void> {
    const { number: onL1 } = await chain.finalState();
    const last = storage.batches.last()?.number ?? 0;
    const lastPosted = storage.batches.lastPosted()?.number ?? 0;
    if (onL1 < lastPosted) {
      logger.warn('L1 lost batches beyond our confirmations; they are posted again', { onL1, lastPosted });
    }
    const first = Math.min(onL1, lastPosted) + 1;
    if (onL1 > last) {
      throw new RollupError(
        'STATE_MISMATCH',
        `L1 has batch ${onL1}, our last is ${last}: another producer, or a restored database`,
        {
          expected: last,
          actual: onL1,
        },
      );
    }
    for (let number = first; number <= last; number++) {
      signal.throwIfAborted();
      const batch = storage.batches.get(number)!;
      if (number <= onL1 ? !(await adopt(batch, head)) : !(await submit(batch, head, signal))) return;
    }
  }

  return {
    async run(signal) {
      const head = await chain.head();
      await finalise(head);
      await postAll(head, signal);
      await finalise(await chain.head());
    },
  };
}

function tooOld(batch: BatchRow, maxBatchAgeSeconds: number): RollupError {
  return new RollupError(
    'STATE_MISMATCH',
    `batch ${batch.number} could not be posted for ${maxBatchAgeSeconds} s and L1 refuses it now; restart the sequencer, ` +
      'which seals its operations again with a new time',
    { batch: batch.number, time: batch.header.time, maxBatchAgeSeconds },
  );
}

/** Whether posting may succeed later without anyone's help. */
export function isPassing(error: unknown): boolean {
  return isRollupError(error) && ['L1_UNREACHABLE', 'TIMEOUT', 'L1_REJECTED', 'NOT_FOUND'].includes(error.code);
}
