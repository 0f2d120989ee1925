/** This process's own prover as workers of its fleet. Whatever fails here is tried again, by them or by others. */

import { isRollupError, RollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { BatchProver } from '../types.ts';
import type { Asking } from './dispatcher.ts';
import type { Fleet } from './fleet.ts';
import type { Lease, WorkerIdentity } from './types.ts';

export interface LocalWorkersOptions {
  readonly fleet: Fleet;
  readonly prover: Pick<BatchProver, 'proveChunk'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Chunks at once. */
  readonly count: number;
}

/** Who this process is in its own fleet. */
const LOCAL_WORKER: WorkerIdentity = { id: 'local', name: 'this process', kind: 'local' };
/** Work that nobody announced, such as a chunk that takes others too long, is found after so long. */
const LOOK_EVERY_MS = 1_000;

/** Starts them. */
export function createLocalWorkers({ fleet, prover, clock, logger, count }: LocalWorkersOptions): {
  stop(): Promise<void>;
} {
  const { dispatcher } = fleet;
  const stopping = new AbortController();
  const { signal } = stopping;

  const prove = async (asking: Asking, { statement }: Lease): Promise<void> => {
    const { batch, chunk, id, job } = statement;
    const outdated = new AbortController();
    const look = (): void => {
      if (dispatcher.stateOf(id) === 'open') return;
      outdated.abort(new RollupError('CANCELLED', 'another worker was quicker'));
    };
    const stopLooking = dispatcher.onWork(look);
    try {
      const { proof } = await prover.proveChunk(job.trace, job.challenge, {
        signal: AbortSignal.any([signal, outdated.signal]),
      });
      if (dispatcher.stateOf(id) === 'open') fleet.take(asking, statement, proof);
    } catch (error) {
      if (signal.aborted || outdated.signal.aborted) return;
      if (isRollupError(error, 'CANCELLED')) throw error;
      dispatcher.fail(id, asking);
      logger.warn('proving failed; others are offered it first', { batch, chunk, error });
    } finally {
      stopLooking();
    }
  };

  /** Until there may be work, or it stops. */
  const wait = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stopListening = dispatcher.onWork(resolve);
    const timer = clock.schedule(LOOK_EVERY_MS, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    timer.cancel();
    stopListening();
  };

  const work = async (position: number): Promise<void> => {
    const asking = { worker: LOCAL_WORKER, instance: String(position) };
    while (!signal.aborted) {
      const lease = dispatcher.pick(asking);
      if (lease === undefined) await wait();
      else await prove(asking, lease).catch((error: unknown) => logger.warn('proving was interrupted', { error }));
    }
  };

  const running = Array.from({ length: count }, (_, position) => work(position));
  return {
    async stop() {
      stopping.abort(new RollupError('CANCELLED', 'the sequencer is stopping'));
      await Promise.all(running);
    },
  };
}
