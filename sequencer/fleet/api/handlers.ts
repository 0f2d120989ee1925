/** What each call of the prover API does, once its caller is known. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { RollupError } from '@quittance/protocol';
import { HEARTBEAT_SECONDS, type ProofAnswer } from '../../../prover/index.ts';
import type { Clock, Logger } from '../../../runtime/index.ts';
import type { Fleet } from '../fleet.ts';
import { fleetStatus } from '../status.ts';
import type { WorkerIdentity } from '../types.ts';
import { rewardJson, sendJson } from './answers.ts';
import type { Artifacts } from './artifacts.ts';
import { createPicking, type Picking } from './picking.ts';
import { type Fields, instanceOf, readProof, reasonOf, statementIdOf } from './read.ts';

/** The calls of an authenticated worker. All throw RollupError for `sendError`. */
export interface Handlers extends Picking {
  heartbeat(worker: WorkerIdentity, lease: string, fields: Fields, response: ServerResponse): void;
  proof(worker: WorkerIdentity, fields: Fields, response: ServerResponse): Promise<void>;
  fail(worker: WorkerIdentity, fields: Fields, response: ServerResponse): void;
  manifest(circuit: string, response: ServerResponse): Promise<void>;
  file(
    worker: WorkerIdentity,
    circuit: string,
    name: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void>;
  status(worker: WorkerIdentity, response: ServerResponse): void;
}

export interface HandlersOptions {
  readonly fleet: Fleet;
  readonly artifacts: Artifacts;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The handlers of a fleet. */
export function createHandlers({ fleet, artifacts, clock, logger }: HandlersOptions): Handlers {
  const { dispatcher, circuit } = fleet;
  const requireCircuit = (asked: string): void => {
    if (asked === circuit) return;
    throw new RollupError('NOT_FOUND', 'there is no such circuit here', { actual: asked, expected: circuit });
  };
  return {
    ...createPicking(fleet, clock, logger),
    heartbeat(worker, lease, fields, response) {
      fleet.requireGoodStanding(worker);
      const statement = statementIdOf(fields);
      const isOpen = dispatcher.heartbeat(lease, statement, { worker, instance: instanceOf(fields) });
      if (!isOpen && fleet.desk?.isOpening !== false) {
        throw new RollupError('SHUTTING_DOWN', 'this sequencer is starting');
      }
      if (isOpen) sendJson(response, 200, { heartbeatSeconds: HEARTBEAT_SECONDS });
      else throw new RollupError('STATEMENT_CLOSED', 'there is nothing left to prove here: stop', { statement });
    },
    async proof(worker, fields, response) {
      const by = { worker, instance: instanceOf(fields) };
      const { result, reward } = await fleet.deliver(by, statementIdOf(fields), readProof(fields));
      sendJson(response, 200, { result, reward: rewardJson(reward) } satisfies ProofAnswer);
    },
    fail(worker, fields, response) {
      const machine = { worker, instance: instanceOf(fields) };
      const statement = statementIdOf(fields);
      if (fields['released'] === true) dispatcher.release(statement, machine);
      else if (dispatcher.fail(statement, machine)) {
        // Only what was really given out: anybody could fill the log with the rest.
        logger.warn('a worker could not prove a chunk', { worker: worker.name, reason: reasonOf(fields) });
      }
      sendJson(response, 200, {});
    },
    async manifest(asked, response) {
      requireCircuit(asked);
      sendJson(response, 200, await artifacts.manifest());
    },
    async file(worker, asked, name, request, response) {
      requireCircuit(asked);
      await artifacts.send(worker, name, request, response);
    },
    status(worker, response) {
      // A stranger learns of itself only. Names of strangers are short hashes, which others can have, too: the id tells.
      const isShown = ({ id }: WorkerIdentity): boolean => worker.kind === 'own' || id === worker.id;
      sendJson(response, 200, fleetStatus(fleet, clock, isShown));
    },
  };
}
