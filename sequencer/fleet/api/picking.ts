/** Gives out work over HTTP: who asks waits until there is some, and fetches the bytes of its job. */

import type { ServerResponse } from 'node:http';
import { RollupError } from '@quittance/protocol';
import { encodeJob, FLEET_PATH, HEARTBEAT_SECONDS, type PickAnswer, sha256Hex } from '../../../prover/index.ts';
import type { Clock, Logger } from '../../../runtime/index.ts';
import type { Fleet } from '../fleet.ts';
import type { Lease, WorkerIdentity } from '../types.ts';
import { rewardJson, sendJson } from './answers.ts';
import { type Fields, readPick } from './read.ts';
import { createTurns } from './turns.ts';

/** The two calls. Both throw RollupError for `sendError`. */
export interface Picking {
  /**
   * Refuses at once who proves other circuits only: that of a contract never changes, so waiting is of no use.
   *
   * @param who throws once the token is revoked, or nobody leads here.
   */
  pick(who: () => WorkerIdentity, fields: Fields, response: ServerResponse): Promise<void>;
  /** The job of a lease that the worker has. Whoever does not take it is cut off. */
  input(worker: WorkerIdentity, sha256: string, response: ServerResponse): void;
}

/** Work that nobody announced, such as a lease that ended, is found after so long. */
const LOOK_EVERY_MS = 1_000;
/** Whoever takes nothing of a job for so long is cut off. */
const IDLE_MS = 30_000;
const RETRY_SECONDS = 5;
/** Most calls of one token that wait for work, or fetch a job, at a time. */
const MAX_POLLS = { own: 64, market: 2, local: 0 } as const;
/** Jobs whose hashes are remembered: more than there are leases. */
const MAX_INPUTS = 1_024;
/** Workers of other circuits that the log has told of; the one told of first is told of again after so many. */
const MAX_TOLD = 1_024;

/** Waits until there may be work, the time is over or the caller is gone. */
async function untilWork({ dispatcher }: Fleet, clock: Clock, waitMs: number, response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopListening = dispatcher.onWork(resolve);
  const timer = clock.schedule(Math.min(waitMs, LOOK_EVERY_MS), resolve);
  response.once('close', resolve);
  await promise;
  response.off('close', resolve);
  timer.cancel();
  stopListening();
}

/** Lets pass who can prove for this circuit, among others or not. */
function createCircuitCheck({ circuit }: Fleet, logger: Logger) {
  /** Workers that were refused since they last could: told of once, however often they ask. */
  const told = new Set<string>();
  /** @throws RollupError KEY_OF_ANOTHER_CIRCUIT. */
  return ({ id, name }: WorkerIdentity, instance: string, circuits: readonly string[]): void => {
    if (circuits.includes(circuit)) {
      told.delete(id);
      return;
    }
    const others = circuits.length > 1 ? ` and ${circuits.length - 1} more` : '';
    const actual = `${circuits[0] ?? 'none'}${others}`;
    if (!told.has(id)) {
      told.add(id);
      if (told.size > MAX_TOLD) told.delete(told.values().next().value!);
      logger.warn('a worker proves for another circuit: it gets no work', {
        ...{ worker: name, instance, expected: circuit, actual },
      });
    }
    const way = 'start it again with the version of the sequencer, and with its key where that is a file (--zkey)';
    const message = `the sequencer wants proofs of key ${circuit}, this worker declares ${actual}: ${way}`;
    throw new RollupError('KEY_OF_ANOTHER_CIRCUIT', message, { path: '', expected: circuit, actual });
  };
}

/** What a fleet gives out. */
export function createPicking(fleet: Fleet, clock: Clock, logger: Logger, idleMs = IDLE_MS): Picking {
  const { dispatcher, circuit } = fleet;
  const requireCircuit = createCircuitCheck(fleet, logger);
  const polls = createTurns('calls of this worker wait for work', RETRY_SECONDS);
  const reads = createTurns('jobs are being fetched by this worker', RETRY_SECONDS);
  /** Statements by the hash of their job. */
  const inputs = new Map<string, string>();

  const answerOf = ({ id, statement, reward }: Lease): PickAnswer => {
    const sha256 = sha256Hex(encodeJob(statement.job));
    inputs.delete(sha256);
    inputs.set(sha256, statement.id);
    if (inputs.size > MAX_INPUTS) inputs.delete(inputs.keys().next().value!);
    const { batch, headerHash, chunk, job } = statement;
    return {
      ...{ lease: id, statement: statement.id, circuit, batch, headerHash, chunk },
      challenge: job.challenge.toString(),
      input: { url: `${FLEET_PATH}/inputs/${sha256}`, sha256 },
      heartbeatSeconds: HEARTBEAT_SECONDS,
      reward: rewardJson(reward),
    };
  };

  return {
    async pick(who, fields, response) {
      const { instance, waitMs, circuits, held } = readPick(fields);
      const asking = who();
      requireCircuit(asking, instance, circuits);
      const { id, kind } = asking;
      const leave = polls.enter([[id, MAX_POLLS[kind]]]);
      try {
        const untilMs = clock.nowMs() + waitMs;
        for (;;) {
          const worker = who();
          fleet.requireGoodStanding(worker);
          const lease = response.destroyed ? undefined : dispatcher.pick({ worker, instance, held });
          if (lease !== undefined) return sendJson(response, 200, answerOf(lease));
          const restMs = untilMs - clock.nowMs();
          if (restMs <= 0 || response.destroyed) return void response.writeHead(204).end();
          await untilWork(fleet, clock, restMs, response);
        }
      } finally {
        leave();
      }
    },
    input({ id, kind }, sha256, response) {
      const statement = dispatcher.find(inputs.get(sha256) ?? '');
      const isTheirs = dispatcher.leases.some(
        (lease) => lease.worker.id === id && lease.statement.id === statement?.id,
      );
      if (statement === undefined || !isTheirs) {
        throw new RollupError('NOT_FOUND', 'this worker has no lease of such a job: pick again', { sha256 });
      }
      response.once('close', reads.enter([[id, MAX_POLLS[kind]]]));
      response.setTimeout(idleMs, () => response.destroy());
      const bytes = encodeJob(statement.job);
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
      response.end(bytes);
    },
  };
}
