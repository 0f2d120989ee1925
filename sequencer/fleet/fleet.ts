/**
 * The fleet of provers of one sequencer, for the life of its process: who may take part, what is given out, and what becomes of
 * proofs. It hands out work only while somebody leads: a queue of chunks to prove has taken its desk.
 */

import { RollupError } from '@quittance/protocol';
import type { ProofChecker } from '../../prover/index.ts';
import type { Clock, Logger, Metrics } from '../../runtime/index.ts';
import { createDeliveries, type Deliveries } from './deliveries.ts';
import { Dispatcher, type Expiry } from './dispatcher.ts';
import type { FleetLedger } from './ledger/ledger.ts';
import { marketWorker } from './market.ts';
import { createFleetMeasurements } from './measurements.ts';
import { requireReward, rewardAt } from './rewards/amount.ts';
import { tokenHash } from './token-file.ts';
import { createTokens, type Tokens } from './tokens.ts';
import type { Desk, Reward, WorkerIdentity } from './types.ts';

export interface FleetOptions {
  /** Hash of the verifying key of the contract. */
  readonly circuit: string;
  readonly profile: { readonly name: string; readonly slotsPerChunk: number };
  readonly checker: Pick<ProofChecker, 'check'>;
  readonly ledger: FleetLedger;
  /** File of the tokens of the operator's own workers. */
  readonly tokensFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** Open statements that are given out at a time. */
  readonly window: number;
  /** Chunks that this process's own prover proves at once. */
  readonly localLeases: number;
  /** Undefined: nothing is owed to anybody. */
  readonly reward?: Reward | undefined;
  /** Whether anybody may prove, for a payout key. */
  readonly isMarket: boolean;
}

/** The fleet. */
export interface Fleet
  extends Deliveries,
    Pick<FleetOptions, 'circuit' | 'profile' | 'isMarket' | 'ledger' | 'reward'> {
  readonly dispatcher: Dispatcher;
  readonly tokens: Pick<Tokens, 'workers'>;
  /** Who works at the desk now; nobody on a node that does not lead. */
  readonly desk: Desk | undefined;
  /** Takes the desk. @returns how to leave it. */
  lead(desk: Desk): () => void;
  /** @throws RollupError PROVER_TOKEN_REFUSED. */
  authenticate(token: string): WorkerIdentity;
}

/** What the operator is told of a lease that ended by itself. */
const EXPIRED: Readonly<Record<Expiry, string>> = {
  silent: 'a worker was not heard of for three heartbeats; others are offered its chunk first',
  late: 'a worker of the market took too long; others are offered its chunk first',
};

/** A fleet that nobody leads yet. @throws RollupError CONFIG_INVALID when the tokens cannot be read, or nobody can be paid such a reward. */
export function createFleet(options: FleetOptions): Fleet {
  const { circuit, profile, checker, ledger, clock, logger, metrics, reward, isMarket } = options;
  if (reward !== undefined) requireReward(reward);
  let desk: Desk | undefined;
  const dispatcher = new Dispatcher({
    clock,
    window: options.window,
    localLeases: options.localLeases,
    acceptedOf: (id) => ledger.accepted.recordOf(id).accepted,
    ...(reward === undefined ? {} : { rewardAt: (ageMs: number) => rewardAt(reward, ageMs) }),
    onLease: ({ statement }) => desk?.leased(statement),
    onExpired({ worker, instance, statement, sinceMs }, reason) {
      const { batch, chunk } = statement;
      measurements?.expired.add(1, { reason });
      logger.warn(EXPIRED[reason], {
        worker: worker.name,
        instance,
        batch,
        chunk,
        seconds: (clock.nowMs() - sinceMs) / 1_000,
      });
    },
  });
  const tokens = createTokens({ file: options.tokensFile, clock, logger, onRevoked: (id) => dispatcher.drop(id) });
  const measurements = metrics && createFleetMeasurements(metrics, dispatcher, clock.nowMs);
  const deliveries = createDeliveries({
    ...{ dispatcher, ledger, checker, clock, logger, reward },
    count: (result) => measurements?.proofs.add(1, { result }),
    desk: () => desk,
  });
  return {
    ...{ circuit, profile, isMarket, ledger, reward, dispatcher, tokens },
    requireGoodStanding: (worker) => deliveries.requireGoodStanding(worker),
    deliver: (by, id, proof) => deliveries.deliver(by, id, proof),
    take: (by, statement, proof) => deliveries.take(by, statement, proof),
    get acceptedCount() {
      return deliveries.acceptedCount;
    },
    get desk() {
      return desk;
    },
    lead(next) {
      desk = next;
      return () => {
        if (desk !== next) return;
        desk = undefined;
        dispatcher.close();
      };
    },
    authenticate(token) {
      const own = tokens.find(token);
      if (own !== undefined) return own;
      const payee = isMarket ? ledger.market.find(tokenHash(token)) : undefined;
      if (payee !== undefined) return marketWorker(payee);
      throw new RollupError('PROVER_TOKEN_REFUSED', 'this token is not known, or was revoked');
    },
  };
}
