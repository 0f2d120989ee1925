/** Takes batches from sealed to final: has them proven, posts them, follows them. */

import { asRollupError, isPassing, isRollupError, type RollupError, type StoredHeader } from '@quittance/protocol';
import { createLoop } from '../../runtime/index.ts';
import type { SealedChunk } from '../batcher/batch.ts';
import type { SequencerContext } from '../context.ts';
import { createFleetQueue } from '../fleet/queue.ts';
import { forgetCursor } from '../mempool/reading-point.ts';
import { canProve } from '../types.ts';
import { createAssertionSearch, createBonds } from './assertions.ts';
import { createBatchStates, type OnBatchState } from './batch-states.ts';
import { createHybridPoster } from './hybrid.ts';
import { createAssertingPoster } from './optimistic.ts';
import { createPatience } from './patience.ts';
import type { Poster, PosterOptions } from './poster.ts';
import { createProvingQueue, type ProvingQueue } from './proving.ts';
import { createProveAgain, createSendProofs, type ProveAgain } from './reproving.ts';
import { createSubmissions } from './submissions.ts';
import { createZkPoster } from './zk.ts';

/** Publishes batches. */
export interface Publisher {
  start(): void;
  /** Adds a sealed batch. @param isNew false when it was sealed before the last start. */
  add(batch: number, chunks: readonly SealedChunk[], isNew: boolean): void;
  /** Looks again, because L1 has a new block. */
  wake(): void;
  /** Why posting fails at present, if it does. */
  readonly trouble: RollupError | undefined;
  /** Chunks that have no proof yet; 0 in optimistic mode. */
  readonly unprovenCount: number;
  stop(): Promise<void>;
}

export interface PublisherOptions {
  readonly context: SequencerContext;
  readonly genesis: StoredHeader;
  readonly onState: OnBatchState;
}

/** The poster of this mode. */
function createPoster(options: PosterOptions, neverSent: Set<number>, proveAgain: ProveAgain): Poster {
  const { context } = options;
  const { optimistic, config, logger } = context;
  if (optimistic === undefined) return createZkPoster(options, proveAgain);
  const { assertions, terms } = optimistic;
  const find = createAssertionSearch(context, assertions);
  const parts = { ...options, assertions, terms, find, bonds: createBonds(assertions, terms, logger), neverSent };
  return config.mode === 'hybrid' ? createHybridPoster(parts) : createAssertingPoster(parts);
}

/** What has chunks proven: this process's own prover, or a fleet with it among them; none where nothing is proven. */
function createQueue(context: SequencerContext, onProven: (batch: number) => void): ProvingQueue | undefined {
  const { prover, fleet, config } = context;
  if (prover === undefined) return undefined;
  const options = { context, isFirst: config.mode === 'zk', onProven };
  const own = canProve(prover) ? prover : undefined;
  return fleet === undefined
    ? own && createProvingQueue({ ...options, prover: own })
    : createFleetQueue({ ...options, fleet, prover: own });
}

/** What L1 says of a batch that executes other operations than its queue has. */
const QUEUE_REFUSALS: ReadonlySet<unknown> = new Set(['PriorityNotRequested', 'WrongPriorityOperations']);

/** Whether L1 has another queue than was read: it is to be read again. */
function isQueueRefusal(error: RollupError): boolean {
  return isRollupError(error, 'L1_REJECTED') && QUEUE_REFUSALS.has(error.data.error);
}

/** A publisher over the batches of the database. */
export function createPublisher({ context, genesis, onState }: PublisherOptions): Publisher {
  const { config, chain, storage, clock, logger, halt, kzg } = context;
  const { chainId, contract } = chain;
  const submissions = createSubmissions({
    storage,
    profile: config.profile,
    deployment: { chainId, contract },
    genesis,
    kzg,
  });
  const neverSent = new Set<number>();
  const heard: OnBatchState = (batch, state) => {
    if (state === 'final') proving?.close(batch.number);
    onState(batch, state);
  };
  const addAgain: ProvingQueue['add'] = (batch, chunks) => proving?.add(batch, chunks);
  const poster = createPoster(
    {
      ...{ context, states: createBatchStates(context, heard), submissions, patience: createPatience(context) },
      sendProofs: createSendProofs(context, genesis, addAgain),
    },
    neverSent,
    createProveAgain(context, genesis, addAgain),
  );
  const proving = createQueue(context, () => loop.wake());
  let trouble: RollupError | undefined;

  const loop = createLoop({
    clock,
    intervalMs: config.l1PollMs,
    async run(signal) {
      await poster.run(signal);
      trouble = undefined;
    },
    onError(error) {
      const cause = asRollupError('posting', error);
      if (!isPassing(cause)) {
        halt(cause);
        return;
      }
      // Logged without its causes, which quote the whole calldata.
      const { code, message: reason } = cause;
      if (trouble?.message !== reason) {
        logger.warn('posting failed; trying again', { code, reason });
        if (isQueueRefusal(cause)) forgetCursor(storage);
      }
      trouble = cause;
    },
  });

  return {
    start() {
      proving?.start();
      loop.start();
    },
    add(batch, chunks, isNew) {
      const row = storage.batches.get(batch);
      if (row === undefined || row.state === 'final') return;
      if (isNew) neverSent.add(batch);
      // Nothing proves what was asserted in blobs, before the mode was changed.
      if (row.form !== 'evaluations') proving?.add(batch, chunks);
      loop.wake();
    },
    wake: () => loop.wake(),
    get trouble() {
      return trouble;
    },
    get unprovenCount() {
      return proving?.count ?? 0;
    },
    async stop() {
      await Promise.all([loop.stop(), proving?.stop()]);
    },
  };
}
