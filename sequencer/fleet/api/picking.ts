/** Gives out work over HTTP: who asks waits until there is some, and fetches the bytes of its job. */

import type { ServerResponse } from 'node:http';
import { RollupError } from '@quittance/protocol';
import { encodeJob, FLEET_PATH, HEARTBEAT_SECONDS, type PickAnswer, sha256Hex } from '../../../prover/index.ts';
import type { Clock } from '../../../runtime/index.ts';
import type { Fleet } from '../fleet.ts';
import type { Lease, WorkerIdentity } from '../types.ts';
import { rewardJson, sendJson } from './answers.ts';
import { type Fields, readPick } from './read.ts';
import { createTurns } from './turns.ts';

/** The two calls. Both throw RollupError for `sendError`. */
export interface Picking {
  /** @param who throws once the token is revoked, or nobody leads here. */
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

/** What a fleet gives out. */
export function createPicking(fleet: Fleet, clock: Clock, idleMs = IDLE_MS): Picking {
  const { dispatcher, circuit } = fleet;
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
      const { id, kind } = who();
      const leave = polls.enter([[id, MAX_POLLS[kind]]]);
      try {
        const untilMs = clock.nowMs() + waitMs;
        for (;;) {
          const worker = who();
          fleet.requireGoodStanding(worker);
          const isWanted = circuits.includes(circuit) && !response.destroyed;
          const lease = isWanted ? dispatcher.pick({ worker, instance, held }) : undefined;
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
