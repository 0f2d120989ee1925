/** From sealed to final: proving, posting, following. */

import { isRollupError, RollupError, type StoredHeader } from '../../protocol/index.ts';
import { createLoop } from '../../runtime/index.ts';
import type { BatchRow, BatchState } from '../../storage/index.ts';
import type { SealedChunk } from '../batcher/execute.ts';
import type { SequencerContext } from '../context.ts';
import { createPoster, isPassing } from './posting.ts';
import { createProvingQueue } from './proving.ts';

/** Publishes batches. */
export interface Publisher {
  start(): void;
  /** Takes a sealed batch on: a new one, or one that a restart found. */
  add(batch: number, chunks: readonly SealedChunk[]): void;
  /** L1 moved: look again. */
  wake(): void;
  /** Why posting does not succeed at present, if so. */
  readonly trouble: RollupError | undefined;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly context: SequencerContext;
  readonly genesis: StoredHeader;
  /** Told when a batch changed its state. */
  readonly onState: (batch: BatchRow, state: BatchState) => void;
}

/** A publisher over the batches of the database. */
export function createPublisher({ context, genesis, onState }: PublisherOptions): Publisher {
  const { config, storage, clock, logger, halt } = context;
  const poster = createPoster({ context, genesis, onState });
  const proving = createProvingQueue({ context, onProven: () => loop.wake() });
  let trouble: RollupError | undefined;

  const loop = createLoop({
    clock,
    intervalMs: config.l1PollMs,
    async run(signal) {
      await poster.run(signal);
      trouble = undefined;
    },
    onError(error) {
      const cause = isRollupError(error)
        ? error
        : new RollupError('STATE_MISMATCH', `posting failed: ${error}`, {}, { cause: error });
      if (!isPassing(cause)) {
        halt(cause);
        return;
      }
      if (trouble?.message !== cause.message) logger.warn('posting does not succeed; trying again', { error: cause });
      trouble = cause;
    },
  });

  return {
    start: () => loop.start(),
    add(batch, chunks) {
      const row = storage.batches.get(batch);
      if (row === undefined || row.state === 'final') return;
      proving.add(
        batch,
        chunks,
        storage.chunks.ofBatch(batch).map(({ proof }) => proof),
      );
      loop.wake();
    },
    wake: () => loop.wake(),
    get trouble() {
      return trouble;
    },
    async stop() {
      await Promise.all([loop.stop(), proving.stop()]);
    },
  };
}
