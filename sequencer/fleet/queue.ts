/** The chunks of sealed batches as work for a fleet, of which this process's own prover is one more worker. */

import { setImmediate } from 'node:timers/promises';
import {
  asRollupError,
  chunkPublicInputs,
  type Groth16Proof,
  invariantBroken,
  publicInputsOf,
  type RollupError,
} from '@quittance/protocol';
import { statementOf } from '../../prover/index.ts';
import type { SealedChunk } from '../batcher/batch.ts';
import type { SequencerContext } from '../context.ts';
import { createMarkProving, type ProvingQueue } from '../publisher/proving.ts';
import type { BatchProver } from '../types.ts';
import type { Fleet } from './fleet.ts';
import { createLocalWorkers } from './local-workers.ts';
import type { Statement } from './types.ts';

export interface FleetQueueOptions {
  readonly context: SequencerContext;
  readonly fleet: Fleet;
  /** Undefined: others prove. */
  readonly prover: Pick<BatchProver, 'proveChunk'> | undefined;
  /** Whether proofs come before posting, so that a sealed batch becomes `proving`. */
  readonly isFirst: boolean;
  /** Called when the proof of a chunk is on disk. */
  readonly onProven: (batch: number) => void;
}

interface Waiting {
  readonly batch: number;
  readonly headerHash: string;
  readonly chunk: number;
  readonly sealed: SealedChunk;
}

/** What a chunk states. @throws RollupError INVARIANT_BROKEN for one without a trace. */
function statementFor({ batch, headerHash, chunk, sealed }: Waiting): Statement {
  const { trace, challenge } = sealed;
  if (trace === undefined) throw invariantBroken(`chunk ${chunk} of batch ${batch} was executed without a trace`);
  const publicInputs = publicInputsOf(chunkPublicInputs(trace, challenge));
  const id = statementOf({ headerHash, chunk, publicInputs });
  return { id, batch, headerHash, chunk, publicInputs, job: { trace, challenge } };
}

/** A queue that a fleet works on. It takes the fleet's desk until it is stopped. */
export function createFleetQueue(options: FleetQueueOptions): ProvingQueue {
  const { context, fleet, prover, onProven } = options;
  const { config, storage, clock, logger, measurements, halt } = context;
  const { dispatcher } = fleet;
  const opening: Waiting[] = [];
  let running: Promise<void> | undefined;
  let isStarted = false;
  let isStopped = false;
  const markProving = createMarkProving(context, options.isFirst);

  /** What goes wrong with the database stops the sequencer; a worker never does. */
  const orHalt = (task: string, change: () => void): void => {
    try {
      change();
    } catch (error) {
      const known: RollupError = asRollupError(task, error);
      halt(known);
      throw known;
    }
  };
  const leave = fleet.lead({
    get isOpening() {
      return !isStarted || opening.length > 0;
    },
    leased: ({ batch }) => orHalt('proving', () => markProving(batch)),
    accept(statement: Statement, proof: Groth16Proof, proveMs: number) {
      const { batch, chunk, job } = statement;
      orHalt('proving', () =>
        storage.commit(() => storage.proofs.put({ batch, chunk, challenge: job.challenge, proof, proveMs })),
      );
      measurements.proveSeconds.observe(proveMs / 1_000);
      onProven(batch);
    },
  });
  const local =
    prover === undefined
      ? undefined
      : createLocalWorkers({ fleet, prover, clock, logger, count: config.provingConcurrency });

  /** Public inputs take milliseconds a chunk: others get their turn in between. */
  const openAll = async (): Promise<void> => {
    for (let next = opening[0]; next !== undefined && !isStopped; next = opening[0]) {
      const statement = statementFor(next);
      if (storage.proofs.get(next.batch, next.chunk) === undefined) dispatcher.open(statement);
      else dispatcher.markProven(statement.id);
      opening.shift();
      await setImmediate();
    }
  };

  return {
    add(batch, chunks) {
      const { headerHash } = storage.batches.get(batch)!;
      for (const [chunk, sealed] of chunks.entries()) opening.push({ batch, headerHash, chunk, sealed });
      running ??= openAll()
        .catch((error: unknown) => halt(asRollupError('proving', error)))
        .finally(() => {
          running = undefined;
        });
    },
    start() {
      isStarted = true;
    },
    get count() {
      return dispatcher.openCount + opening.length;
    },
    close(batch) {
      for (let index = opening.length - 1; index >= 0; index -= 1) {
        if (opening[index]!.batch === batch) opening.splice(index, 1);
      }
      dispatcher.close(batch);
    },
    async stop() {
      isStopped = true;
      leave();
      await running;
      await local?.stop();
    },
  };
}
