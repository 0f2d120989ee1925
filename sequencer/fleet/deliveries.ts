/** What becomes of proofs that workers deliver. */

import { type Groth16Proof, RollupError } from '@quittance/protocol';
import type { ProofChecker } from '../../prover/index.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Asking, Dispatcher } from './dispatcher.ts';
import { type FleetLedger, payeeText } from './ledger/ledger.ts';
import type { ProofResult } from './measurements.ts';
import { rewardAt } from './rewards/amount.ts';
import type { Desk, Reward, Statement, WorkerIdentity } from './types.ts';

/** What became of a proof that is no error. */
export interface Delivery {
  readonly result: 'accepted' | 'duplicate';
  readonly reward: Reward | undefined;
}

/** Takes proofs. */
export interface Deliveries {
  /** @throws RollupError PROVER_QUARANTINED. */
  requireGoodStanding(worker: WorkerIdentity): void;
  /**
   * Takes a proof of somebody else. It counts by itself: whether its maker has a lease only matters for the reward. A stranger
   * without one, where somebody else has it, comes again: whoever may send proofs of everything could keep the checker busy.
   *
   * @param proof undefined for what is none, which is a strike like a wrong one.
   * @throws RollupError STATEMENT_CLOSED, PROOF_INVALID (a strike), PROVER_QUARANTINED, RATE_LIMITED, QUEUE_FULL; SHUTTING_DOWN
   * where nobody leads; what the desk throws.
   */
  deliver(by: Asking, statementId: string, proof: Groth16Proof | undefined): Promise<Delivery>;
  /** Takes a proof that was verified already: of this process's own prover. @throws RollupError SHUTTING_DOWN. */
  take(by: Asking, statement: Statement, proof: Groth16Proof): Delivery;
  /** Proofs that were taken since the start. */
  readonly acceptedCount: number;
}

export interface DeliveriesOptions {
  readonly dispatcher: Dispatcher;
  readonly ledger: FleetLedger;
  readonly checker: Pick<ProofChecker, 'check'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told what became of each proof. */
  readonly count: (result: ProofResult) => void;
  readonly reward?: Reward | undefined;
  /** Who works at the desk now. */
  readonly desk: () => Desk | undefined;
}

/** Invalid proofs after which a worker gets no more work. */
const MOST_STRIKES = 3;

/** Whether so many invalid proofs keep a worker out. */
export function isQuarantined(strikes: number): boolean {
  return strikes >= MOST_STRIKES;
}

function notNow(): RollupError<'SHUTTING_DOWN'> {
  return new RollupError('SHUTTING_DOWN', 'this sequencer takes no proofs at this moment; send it again in a moment');
}

/** Takes one proof after the other. */
class Clerk implements Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #count: (result: ProofResult) => void;
  /** Workers with a proof that is being checked: one at a time each. */
  readonly #checking = new Set<string>();
  acceptedCount = 0;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    this.#count = options.count;
  }

  requireGoodStanding({ id }: WorkerIdentity): void {
    const { strikes } = this.#options.ledger.accepted.recordOf(id);
    if (!isQuarantined(strikes)) return;
    const message = `this worker delivered ${strikes} invalid proofs: it gets no more work`;
    throw new RollupError('PROVER_QUARANTINED', message, { strikes });
  }

  async deliver(by: Asking, statementId: string, proof: Groth16Proof | undefined): Promise<Delivery> {
    const { dispatcher, checker, desk } = this.#options;
    const { id } = by.worker;
    this.requireGoodStanding(by.worker);
    if (desk() === undefined) throw notNow();
    const statement = dispatcher.find(statementId);
    if (statement === undefined) return this.#settled(statementId);
    if (this.#checking.has(id)) {
      const message = 'a proof of this worker is being checked already; send this one after it';
      throw new RollupError('RATE_LIMITED', message, { retryAfterSeconds: 1, expected: 1, actual: 2 });
    }
    const isStranger = by.worker.kind === 'market';
    if (isStranger && !dispatcher.claim(statementId, by)) {
      const message = 'somebody else is proving this; send the proof again when their lease has ended';
      throw new RollupError('RATE_LIMITED', message, { retryAfterSeconds: 10, expected: 0, actual: 1 });
    }
    this.#checking.add(id);
    try {
      const isValid = proof !== undefined && (await checker.check(statement.publicInputs, proof, isStranger));
      if (!isValid) throw this.#strike(by, statement);
      // Another proof of it may have come meanwhile, or the batch may have been closed.
      return dispatcher.find(statementId) === undefined ? this.#settled(statementId) : this.take(by, statement, proof);
    } finally {
      this.#checking.delete(id);
    }
  }

  take(by: Asking, statement: Statement, proof: Groth16Proof): Delivery {
    const { dispatcher, ledger, clock, logger, reward } = this.#options;
    const desk = this.#options.desk();
    if (desk === undefined) throw notNow();
    const { worker } = by;
    const { id, batch, chunk } = statement;
    const lease = dispatcher.leaseOf(by, id);
    const acceptedMs = clock.nowMs();
    const proveMs = lease === undefined ? 0 : acceptedMs - lease.sinceMs;
    // Who did not wait for a lease gets what a fresh one would get.
    const earned = worker.payee && reward && (lease?.reward ?? rewardAt(reward, 0));
    const owed = earned && { payee: payeeText(worker.payee!), ...earned };
    // The ledger first: what is proven is never given out again, and so would never be owed.
    const isOwed = ledger.commit(() =>
      ledger.accepted.add({ statement: id, batch, chunk, worker: worker.id, acceptedMs, owed }),
    );
    desk.accept(statement, proof, proveMs);
    dispatcher.prove(id, by);
    this.acceptedCount += 1;
    this.#count('accepted');
    logger.info('took a proof of the fleet', { worker: worker.name, batch, chunk, seconds: proveMs / 1_000 });
    // A proof that this process lost may have been ledgered before: it is owed once, to whoever made it then.
    return { result: 'accepted', reward: isOwed ? earned : undefined };
  }

  #strike(by: Asking, { id, batch, chunk }: Statement): RollupError {
    const { dispatcher, ledger, logger } = this.#options;
    const { worker } = by;
    ledger.commit(() => ledger.accepted.strike(worker.id));
    dispatcher.fail(id, by);
    const { strikes } = ledger.accepted.recordOf(worker.id);
    if (isQuarantined(strikes)) dispatcher.drop(worker.id);
    this.#count('invalid');
    logger.warn('a worker delivered an invalid proof', { worker: worker.name, batch, chunk, strikes });
    const message = `this does not prove chunk ${chunk} of batch ${batch}`;
    return new RollupError('PROOF_INVALID', message, { reason: 'not valid', strikes });
  }

  /** What a statement has become that is not open. @throws RollupError STATEMENT_CLOSED; SHUTTING_DOWN while it is not known. */
  #settled(id: string): Delivery {
    if (this.#options.dispatcher.stateOf(id) === 'proven') {
      this.#count('duplicate');
      return { result: 'duplicate', reward: undefined };
    }
    if (this.#options.desk()?.isOpening !== false) throw notNow();
    this.#count('closed');
    const message = 'no chunk with this statement waits for a proof: its batch is final, or was sealed anew';
    throw new RollupError('STATEMENT_CLOSED', message, { statement: id });
  }
}

/** Takes proofs for whoever is at the desk. */
export function createDeliveries(options: DeliveriesOptions): Deliveries {
  return new Clerk(options);
}
