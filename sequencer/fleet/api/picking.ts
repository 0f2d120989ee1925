/** Gives out work over HTTP: who asks waits until there is some, and fetches the bytes of its job. */

import type { ServerResponse } from 'node:http';
import { RollupError } from '@quittance/protocol';
import { encodeJob, FLEET_PATH, HEARTBEAT_SECONDS, type PickAnswer, sha256Hex } from '../../../prover/index.ts';
import type { Clock } from '../../../runtime/index.ts';
import type { Fleet } from '../fleet.ts';
import type { Lease, WorkerIdentity } from '../types.ts';
import { rewardJson, sendJson } from './answers.ts';
import { type Fields, readPick } from './read.ts';

/** The two calls. Both throw RollupError for `sendError`. */
export interface Picking {
  /** @param who throws once the token is revoked, or nobody leads here. */
  pick(who: () => WorkerIdentity, fields: Fields, response: ServerResponse): Promise<void>;
  input(sha256: string, response: ServerResponse): void;
}

/** Work that nobody announced, such as a lease that ended, is found after so long. */
const LOOK_EVERY_MS = 1_000;
/** Most calls of one token that wait for work at a time. */
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

/** Counts the calls of each worker that wait. */
function createPolls() {
  const polls = new Map<string, number>();
  return {
    /** @throws RollupError RATE_LIMITED. @returns how to leave. */
    enter({ id, kind }: WorkerIdentity): () => void {
      const count = (polls.get(id) ?? 0) + 1;
      if (count > MAX_POLLS[kind]) {
        const message = 'too many calls of this worker wait for work';
        const data = { retryAfterSeconds: 5, expected: MAX_POLLS[kind], actual: count };
        throw new RollupError('RATE_LIMITED', message, data);
      }
      polls.set(id, count);
      return () => {
        const rest = polls.get(id)! - 1;
        if (rest === 0) polls.delete(id);
        else polls.set(id, rest);
      };
    },
  };
}

/** What a fleet gives out. */
export function createPicking(fleet: Fleet, clock: Clock): Picking {
  const { dispatcher, circuit } = fleet;
  const polls = createPolls();
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
      const leave = polls.enter(who());
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
    input(sha256, response) {
      const statement = dispatcher.find(inputs.get(sha256) ?? '');
      if (statement === undefined) throw new RollupError('NOT_FOUND', 'there is no such job: pick again', { sha256 });
      const bytes = encodeJob(statement.job);
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
      response.end(bytes);
    },
  };
}
