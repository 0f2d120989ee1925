/** Proves chunks in order, several at a time, and writes each proof to disk as soon as it exists. */

import { asRollupError, invariantBroken, isRollupError, type PackedTrace, RollupError } from '@quittance/protocol';
import { retry } from '../../runtime/index.ts';
import type { SealedChunk } from '../batcher/batch.ts';
import type { SequencerContext } from '../context.ts';
import type { BatchProver } from '../types.ts';

/** A chunk that waits for its proof. */
interface Task {
  readonly batch: number;
  readonly index: number;
  readonly trace: PackedTrace;
  readonly challenge: bigint;
}

/** Proves the chunks of sealed batches. */
export interface ProvingQueue {
  /** Adds the chunks of a batch that have no proof yet. */
  add(batch: number, chunks: readonly SealedChunk[]): void;
  /** All that the last run left was added. */
  start(): void;
  /** The batch is final: what it still lacks need not be proven. */
  close(batch: number): void;
  /** Chunks that wait or are being proven. */
  readonly count: number;
  /** Cancels the proofs in progress and waits for their end. */
  stop(): Promise<void>;
}

export interface ProvingOptions {
  readonly context: SequencerContext;
  readonly prover: Pick<BatchProver, 'proveChunk'>;
  /** Whether proofs come before posting, so that a sealed batch becomes `proving`. */
  readonly isFirst: boolean;
  /** Called when the proof of a chunk is on disk. */
  readonly onProven: (batch: number) => void;
}

/** What marks a batch as being proven, once its first chunk is, where proofs come before posting. */
export function createMarkProving(
  { storage, events }: Pick<SequencerContext, 'storage' | 'events'>,
  isFirst: boolean,
): (batch: number) => void {
  return (batch) => {
    const row = storage.batches.get(batch);
    if (!isFirst || (row?.state !== 'sealed' && row?.state !== 'reverted')) return;
    storage.commit(() => storage.batches.setProving(batch));
    events.emit('batch', { number: batch, state: 'proving', transferCount: row.transferCount });
  };
}

const RETRY_DELAY_MS = 5_000;
/** After this many failures on one chunk, trying again will not help. */
const MAX_ATTEMPTS = 3;

/** A queue in front of `prover`. */
export function createProvingQueue({ context, prover, isFirst, onProven }: ProvingOptions): ProvingQueue {
  const { config, storage, clock, logger, measurements, halt } = context;
  const controller = new AbortController();
  const waiting: Task[] = [];
  const running = new Set<Promise<void>>();

  async function proveOnce({ batch, index, trace, challenge }: Task): Promise<void> {
    const startedMs = clock.nowMs();
    const { proof } = await prover.proveChunk(trace, challenge, { signal: controller.signal });
    const proveMs = clock.nowMs() - startedMs;
    storage.commit(() => storage.proofs.put({ batch, chunk: index, challenge, proof, proveMs }));
    measurements.proveSeconds.observe(proveMs / 1_000);
    logger.info('proved a chunk', { batch, chunk: index, seconds: proveMs / 1_000 });
    onProven(batch);
  }

  const prove = (task: Task): Promise<void> =>
    retry(() => proveOnce(task), {
      clock,
      attempts: MAX_ATTEMPTS,
      firstDelayMs: RETRY_DELAY_MS,
      maxDelayMs: 4 * RETRY_DELAY_MS,
      isTransient: (error) => !controller.signal.aborted && !isRollupError(error, 'DATABASE_DAMAGED'),
      onRetry: (error, attempt) =>
        logger.warn('proving failed; trying again', { batch: task.batch, chunk: task.index, attempt, error }),
      signal: controller.signal,
    });

  const markProving = createMarkProving(context, isFirst);

  const pump = (): void => {
    while (!controller.signal.aborted && running.size < config.provingConcurrency) {
      const task = waiting.shift();
      if (task === undefined) return;
      // Both within: a disk that fails at the first is heard of as one that fails at the second.
      const begin = async (): Promise<void> => {
        markProving(task.batch);
        await prove(task);
      };
      const work: Promise<void> = begin()
        .catch((error: unknown) => {
          if (controller.signal.aborted) return;
          halt(asRollupError('proving', error));
        })
        .finally(() => {
          running.delete(work);
          pump();
        });
      running.add(work);
    }
  };

  return {
    add(batch, chunks) {
      for (const [index, { trace, challenge }] of chunks.entries()) {
        if (storage.proofs.get(batch, index) !== undefined) continue;
        if (trace === undefined) throw invariantBroken(`chunk ${index} of batch ${batch} was executed without a trace`);
        waiting.push({ batch, index, trace, challenge });
      }
      pump();
    },
    start() {},
    close(batch) {
      for (let index = waiting.length - 1; index >= 0; index -= 1) {
        if (waiting[index]!.batch === batch) waiting.splice(index, 1);
      }
    },
    get count() {
      return waiting.length + running.size;
    },
    async stop() {
      controller.abort(new RollupError('CANCELLED', 'the sequencer is stopping'));
      await Promise.all(running);
    },
  };
}
