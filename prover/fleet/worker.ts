/**
 * A worker: takes a chunk, proves it, delivers the proof; again and again. It survives restarts of the sequencer and gaps of the
 * network: what it is proving it goes on with, and a proof that it has made it delivers to whoever leads then.
 */

import {
  chunkPublicInputs,
  type ErrorCode,
  type Groth16Proof,
  isPassing,
  isRollupError,
  publicInputsOf,
  RollupError,
} from '@quittance/protocol';
import { type Clock, type Logger, retryDelayMs } from '../../runtime/index.ts';
import { encodeProof } from '../formats/proof-json.ts';
import type { Prover } from '../prover.ts';
import type { FleetClient } from './client.ts';
import { createHeldProofs } from './held.ts';
import { decodeJob, jobBytes, type ProverJob, sha256Hex, statementOf } from './job.ts';
import type { PickAnswer, ProofAnswer } from './messages.ts';

export interface WorkerOptions {
  readonly client: FleetClient;
  readonly prover: Pick<Prover, 'proveChunk'>;
  /** Hash of the verifying key that it proves for. */
  readonly circuit: string;
  readonly slotsPerChunk: number;
  /** Which machine this is, for the operator. */
  readonly instance: string;
  readonly version: string;
  readonly backend: string;
  readonly memoryBytes: number;
  /** Chunks at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each proof that was delivered. */
  readonly onProof?: (answer: ProofAnswer, pick: PickAnswer, seconds: number) => void;
}

/** How long it waits for work in one call. */
const WAIT_MS = 25_000;
/** Pauses while a sequencer cannot be reached, or proving fails. */
const PAUSES = { firstDelayMs: 1_000, maxDelayMs: 30_000 } as const;
/** It tries so long to deliver a proof before it looks for work again, to which a proof that it has is as good. */
const MOST_DELIVERIES = 20;
const GOODBYE_MS = 2_000;
const MAX_HEARTBEAT_SECONDS = 60;

const FOR_GOOD: ReadonlySet<string> = new Set<ErrorCode>([
  'PROVER_TOKEN_REFUSED',
  'PROVER_QUARANTINED',
  'KEY_OF_ANOTHER_CIRCUIT',
]);

/** Whether no restart of a sequencer and no patience helps. */
function isForGood(error: unknown): error is RollupError {
  return isRollupError(error) && FOR_GOOD.has(error.code);
}

class Worker {
  readonly #options: WorkerOptions;
  readonly #signal: AbortSignal;
  readonly #held = createHeldProofs();

  constructor(options: WorkerOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** @throws RollupError PROVER_TOKEN_REFUSED, PROVER_QUARANTINED or KEY_OF_ANOTHER_CIRCUIT. */
  async run(): Promise<void> {
    const { client, clock, logger } = this.#options;
    let failures = 0;
    let told = '';
    while (!this.#signal.aborted) {
      try {
        const pick = await this.#pick();
        if (told !== '') logger.info('the sequencer answers again', { url: client.url });
        told = '';
        if (pick !== undefined) await this.#work(pick);
        failures = 0;
      } catch (error) {
        if (this.#signal.aborted) return;
        if (isForGood(error)) throw error;
        failures += 1;
        // One line for a node that is away, however long.
        const { message } = error as Error;
        if (message !== told) logger.warn('no work; trying again', { error });
        told = message;
        const delayMs = retryDelayMs({ ...PAUSES, clock, attempts: failures, isTransient: () => true }, failures);
        await clock.sleep(delayMs, this.#signal).catch(() => undefined);
      }
    }
  }

  #pick(): Promise<PickAnswer | undefined> {
    const { client, circuit, instance: worker, version, backend, memoryBytes } = this.#options;
    const held = this.#held.statements;
    const request = { worker, version, circuits: [circuit], backend, memoryBytes, waitMs: WAIT_MS, held };
    return client.pick(request, { signal: this.#signal });
  }

  async #work(pick: PickAnswer): Promise<void> {
    const { clock, onProof, logger } = this.#options;
    const startMs = clock.nowMs();
    const { batch, chunk } = pick;
    let proof = this.#held.get(pick.statement);
    try {
      proof ??= await this.#prove(pick, await this.#job(pick));
      this.#held.put(pick.statement, proof);
    } catch (error) {
      await this.#giveBack(pick, error);
      if (isRollupError(error, 'STATEMENT_CLOSED')) {
        logger.info('nothing left to prove here', { batch, chunk });
        return;
      }
      throw error;
    }
    const answer = await this.#deliver(pick, proof);
    const seconds = (clock.nowMs() - startMs) / 1_000;
    if (answer === undefined) return;
    logger.info('delivered a proof', { batch, chunk, seconds, result: answer.result, reward: answer.reward });
    onProof?.(answer, pick, seconds);
  }

  /** Fetches a job, and checks that it is the one that was announced. @throws RollupError JOB_UNREADABLE. */
  async #job({ input, statement, headerHash, chunk, circuit }: PickAnswer): Promise<ProverJob> {
    const { client, slotsPerChunk, circuit: own } = this.#options;
    const refuse = (reason: string): never => {
      throw new RollupError('JOB_UNREADABLE', `the sequencer asks for another proof than it says: ${reason}`, {
        reason,
      });
    };
    if (circuit !== own) refuse(`it is of circuit ${circuit}, this worker proves ${own}`);
    const bytes = await client.input(input.sha256, jobBytes(slotsPerChunk), { signal: this.#signal });
    if (sha256Hex(bytes) !== input.sha256) refuse('its bytes have another hash');
    const job = decodeJob(bytes, slotsPerChunk);
    const publicInputs = publicInputsOf(chunkPublicInputs(job.trace, job.challenge));
    if (statementOf({ headerHash, chunk, publicInputs }) !== statement) refuse('its public inputs are others');
    return job;
  }

  /** Proves, and says meanwhile that it is at it. @throws RollupError STATEMENT_CLOSED when nobody needs the proof any more. */
  async #prove(
    { lease, statement, heartbeatSeconds }: PickAnswer,
    { trace, challenge }: ProverJob,
  ): Promise<Groth16Proof> {
    const { client, prover, clock, instance } = this.#options;
    // The sequencer's word, within reason: neither a flood of calls nor a lease that is lost.
    const everySeconds = Math.min(MAX_HEARTBEAT_SECONDS, Math.max(1, Number(heartbeatSeconds) || 1));
    const outdated = new AbortController();
    const done = new AbortController();
    const beat = async (): Promise<void> => {
      while (!done.signal.aborted) {
        await clock.sleep(everySeconds * 1_000, done.signal).catch(() => undefined);
        if (done.signal.aborted) return;
        // A network that is away says nothing about the work.
        await client.heartbeat(lease, instance, statement, { signal: done.signal }).catch((error: unknown) => {
          if (isRollupError(error, 'STATEMENT_CLOSED')) outdated.abort(error);
        });
      }
    };
    const beating = beat();
    try {
      const signal = AbortSignal.any([this.#signal, outdated.signal]);
      return (await prover.proveChunk(trace, challenge, { signal })).proof;
    } catch (error) {
      throw outdated.signal.aborted ? outdated.signal.reason : error;
    } finally {
      done.abort();
      await beating;
    }
  }

  /** Delivers to whoever leads. @returns undefined where nobody needs the proof, or it is for later. */
  async #deliver(
    { lease, statement, batch, chunk }: PickAnswer,
    proof: Groth16Proof,
  ): Promise<ProofAnswer | undefined> {
    const { client, clock, logger, instance: worker } = this.#options;
    const request = { worker, statement, proof: encodeProof(proof) };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await client.prove(lease, request, { signal: this.#signal });
      } catch (error) {
        if (isForGood(error) || this.#signal.aborted) throw error;
        if (!isPassing(error)) {
          logger.warn('a proof was not taken', { batch, chunk, error });
          return undefined;
        }
        if (attempt === 1) logger.warn('a proof cannot be delivered; trying again', { batch, chunk, error });
        if (attempt >= MOST_DELIVERIES) return undefined;
        const delayMs = retryDelayMs({ ...PAUSES, clock, attempts: attempt, isTransient: () => true }, attempt);
        await clock.sleep(delayMs, this.#signal);
      }
    }
  }

  /** So that others need not wait until its heartbeats are missed. */
  async #giveBack({ lease, statement }: PickAnswer, error: unknown): Promise<void> {
    const { client, instance: worker } = this.#options;
    const released = this.#signal.aborted || isRollupError(error, 'STATEMENT_CLOSED');
    const reason = isRollupError(error) ? `${error.code}: ${error.message}` : String(error);
    const signal = AbortSignal.timeout(GOODBYE_MS);
    await client.fail(lease, { worker, statement, reason, released }, { signal }).catch(() => undefined);
  }
}

/**
 * Works until it is stopped.
 *
 * @throws RollupError PROVER_TOKEN_REFUSED, PROVER_QUARANTINED or KEY_OF_ANOTHER_CIRCUIT: nobody gives it work any more.
 */
export async function runWorker(options: WorkerOptions, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const worker = new Worker(options, AbortSignal.any([signal, failed.signal]));
  const loops = Array.from({ length: options.concurrency }, () =>
    worker.run().catch((error: unknown) => failed.abort(error)),
  );
  await Promise.all(loops);
  if (failed.signal.aborted) throw failed.signal.reason;
}
