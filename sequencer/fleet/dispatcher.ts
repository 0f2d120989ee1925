/**
 * Who proves what. It decides, and keeps nothing on disk: what is open follows from the batches, and a proof counts by itself,
 * whatever became of its lease.
 */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../../runtime/index.ts';
import { createActivity } from './activity.ts';
import { createDurations } from './durations.ts';
import { createLeases, isHeldBy, type Machine, type OpenStatement } from './leases.ts';
import type { Lease, Reward, Statement, WorkerIdentity } from './types.ts';

/** Who asks for work. */
export interface Asking extends Machine {
  /** Statements whose proofs it has already: it gets one of them first. */
  readonly held?: ReadonlySet<string>;
}

/** What became of a statement: it needs a proof, it has one, or it is none of ours (any more). */
export type StatementState = 'open' | 'proven' | 'closed';

/** Why a lease ended by itself: its holder was not heard of, or a stranger took too long. */
export type Expiry = 'silent' | 'late';

export interface DispatcherOptions {
  readonly clock: Clock;
  /** How many open statements, the oldest first, are given out: what is sealed again would be proven in vain. */
  readonly window: number;
  /** Proofs that were ever accepted of a worker. */
  readonly acceptedOf: (workerId: string) => number;
  /** Most leases of this process's own prover. */
  readonly localLeases: number;
  /** What a proof earns whose statement nobody had for so long. */
  readonly rewardAt?: (waitedMs: number) => Reward | undefined;
  /** Told of each new lease. */
  readonly onLease?: (lease: Lease) => void;
  /** Told of each lease that ended by itself, without a proof. */
  readonly onExpired?: (lease: Lease, reason: Expiry) => void;
}

/** The oldest chunk gets a second worker after so many times the median. */
const SECOND_WORKER_AFTER = 3;
/** A lease of the open market ends after so many times the median, heartbeats or not: a key that costs nothing locks nothing. */
const MARKET_LEASE_MEDIANS = 6;
/** Not sooner: quick proofs of strangers would end the leases of others. */
const MIN_MARKET_LEASE_MS = 30_000;
/** What counts as the median until there is one. */
const UNKNOWN_PROOF_MS = 600_000;
/** Most leases of one token, whatever machines share it. */
const OWN_LEASES = 64;
/** Of one payout key of the open market, once it has proven itself by that many proofs; one lease until then. */
const MARKET_LEASES = 8;
const PROVEN_AFTER = 10;
/** Statements that are remembered as proven, so that a late proof of one is a duplicate and no error. */
const REMEMBERED = 4_096;

/** Gives out work. */
export class Dispatcher {
  /** How long the last proofs took. */
  readonly durations = createDurations();
  /** What workers did since the start. */
  readonly activity;
  readonly #options: DispatcherOptions;
  readonly #leases;
  readonly #proven = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#leases = createLeases(options.clock);
    this.activity = createActivity(options.clock);
  }

  get openCount(): number {
    return this.#leases.open.length;
  }

  get leases(): readonly Lease[] {
    this.#sweep();
    return [...this.#leases.all.values()];
  }

  /** The open statement of the oldest chunk. */
  get oldest(): OpenStatement | undefined {
    return this.#leases.open[0];
  }

  /** A statement that needs a proof, be it that it had one: what L1 refuses is made anew. */
  open(statement: Statement): void {
    this.#proven.delete(statement.id);
    this.#leases.add(statement);
    this.#wake();
  }

  /** A statement that has its proof already. */
  markProven(id: string): void {
    this.#proven.add(id);
    if (this.#proven.size > REMEMBERED) this.#proven.delete(this.#proven.values().next().value!);
  }

  /** Closes those of a batch: it is final, or sealed again as another; all without one. */
  close(batch?: number): void {
    for (const { statement } of [...this.#leases.open]) {
      if (batch === undefined || statement.batch === batch) this.#leases.close(statement.id);
    }
    this.#wake();
  }

  find(id: string): Statement | undefined {
    return this.#leases.find(id)?.statement;
  }

  stateOf(id: string): StatementState {
    if (this.#leases.find(id) !== undefined) return 'open';
    return this.#proven.has(id) ? 'proven' : 'closed';
  }

  leaseOf(machine: Machine, statementId: string): Lease | undefined {
    return this.#leases.of(machine, statementId);
  }

  /** Work for this worker, if there is some: the oldest chunk that nobody proves. */
  pick(asking: Asking): Lease | undefined {
    const { worker, instance } = asking;
    this.#sweep();
    this.activity.see(worker, instance);
    if (!this.#hasRoom(worker) || this.activity.isPausing(worker, instance)) return undefined;
    const chosen = this.#choose(asking);
    if (chosen === undefined) return undefined;
    // Who has the proof already says nothing of how long one takes.
    const isTimed = asking.held?.has(chosen.statement.id) !== true;
    return this.#lease(randomBytes(16).toString('hex'), chosen, asking, isTimed);
  }

  /**
   * It is still at it. A lease that is not known (this process was started since, or it had ended) is taken up again.
   *
   * @returns false when there is nothing left to prove: it should stop.
   */
  heartbeat(leaseId: string, statementId: string, machine: Machine): boolean {
    this.#sweep();
    this.activity.see(machine.worker, machine.instance);
    const entry = this.#leases.find(statementId);
    if (entry === undefined) return false;
    const lease = this.#leases.all.get(leaseId);
    if (lease === undefined) {
      if (this.#canTakeUp(entry, machine)) this.#lease(leaseId, entry, machine, false);
    } else if (isHeldBy(lease, machine) && lease.statement.id === statementId) {
      lease.seenMs = this.#options.clock.nowMs();
    }
    return true;
  }

  /** Whether it has a lease of this statement, or takes one up now since nobody has: a stranger is heard with a lease only. */
  claim(statementId: string, machine: Machine): boolean {
    this.#sweep();
    if (this.#leases.of(machine, statementId) !== undefined) return true;
    const entry = this.#leases.find(statementId);
    if (entry === undefined || !this.#canTakeUp(entry, machine)) return false;
    this.activity.see(machine.worker, machine.instance);
    this.#lease(randomBytes(16).toString('hex'), entry, machine, false);
    return true;
  }

  /** The statement has its proof now. */
  prove(id: string, machine: Machine): void {
    const lease = this.#leases.of(machine, id);
    this.activity.succeed(machine.worker, machine.instance);
    if (lease?.isTimed === true) this.durations.add(this.#options.clock.nowMs() - lease.sinceMs);
    this.#leases.close(id);
    this.markProven(id);
    this.#wake();
  }

  /** It could not prove this: others are offered it first. @returns whether it had a lease. */
  fail(statementId: string, machine: Machine): boolean {
    this.activity.fail(machine.worker, machine.instance, statementId);
    return this.#end(statementId, machine);
  }

  /** It gives its lease back; to a stranger that is a failure, or taking and giving back would cost it nothing. */
  release(statementId: string, machine: Machine): void {
    const { worker, instance } = machine;
    if (this.#end(statementId, machine) && worker.kind === 'market') this.activity.fail(worker, instance, statementId);
  }

  /** Nobody is woken by one who has no lease. */
  #end(statementId: string, machine: Machine): boolean {
    const lease = this.#leases.of(machine, statementId);
    if (lease === undefined) return false;
    this.#leases.end(lease.id);
    this.#wake();
    return true;
  }

  /** Ends the leases of a worker: its token was revoked, or it was caught with wrong proofs. */
  drop(workerId: string): void {
    for (const { id, worker } of [...this.#leases.all.values()]) if (worker.id === workerId) this.#leases.end(id);
    this.#wake();
  }

  /** Called when there may be work, or there is nothing left of it. @returns how to stop. */
  onWork(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #canTakeUp({ leases }: OpenStatement, { worker, instance }: Machine): boolean {
    return leases.size === 0 && this.#hasRoom(worker) && !this.activity.isPausing(worker, instance);
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #sweep(): void {
    const { late, silent } = this.#leases.sweep(Math.max(MIN_MARKET_LEASE_MS, MARKET_LEASE_MEDIANS * this.#medianMs));
    for (const lease of late) {
      this.activity.fail(lease.worker, lease.instance, lease.statement.id);
      this.#options.onExpired?.(lease, 'late');
    }
    for (const lease of silent) {
      this.activity.stall(lease.worker, lease.instance, lease.statement.id);
      this.#options.onExpired?.(lease, 'silent');
    }
    if (late.length + silent.length > 0) this.#wake();
  }

  get #medianMs(): number {
    return this.durations.quantile(0.5) ?? UNKNOWN_PROOF_MS;
  }

  #isUnproven({ kind, id }: WorkerIdentity): boolean {
    return kind === 'market' && this.#options.acceptedOf(id) < PROVEN_AFTER;
  }

  #hasRoom(worker: WorkerIdentity): boolean {
    const market = this.#isUnproven(worker) ? 1 : MARKET_LEASES;
    const most = { local: this.#options.localLeases, own: OWN_LEASES, market }[worker.kind];
    return this.#leases.countOf(worker.id) < most;
  }

  /** Whether a lease does not count for this worker: strangers lock no chunk away from whom the operator knows. */
  #isWeaker({ worker: holder }: Lease, worker: WorkerIdentity): boolean {
    return worker.kind === 'market' ? this.#isUnproven(holder) && !this.#isUnproven(worker) : holder.kind === 'market';
  }

  /** The oldest chunk that one worker has for too long; leases that do not count for who asks are not looked at. */
  #isOverdue(entry: OpenStatement, worker: WorkerIdentity): boolean {
    const [lease, another] = [...entry.leases].filter((held) => !this.#isWeaker(held, worker));
    if (entry !== this.oldest || lease === undefined || another !== undefined) return false;
    return this.#options.clock.nowMs() - lease.sinceMs > SECOND_WORKER_AFTER * this.#medianMs;
  }

  /** The oldest chunk, when nobody but strangers had it for so long that a known worker takes it before any other. */
  #isLockedAway(entry: OpenStatement, worker: WorkerIdentity): boolean {
    if (entry !== this.oldest || worker.kind === 'market' || !this.#isOnlyWeaker(entry, worker)) return false;
    return this.#options.clock.nowMs() - entry.openedMs > SECOND_WORKER_AFTER * this.#medianMs;
  }

  #isOnlyWeaker({ leases }: OpenStatement, worker: WorkerIdentity): boolean {
    return leases.size > 0 && [...leases].every((lease) => this.#isWeaker(lease, worker));
  }

  #choose(asking: Asking): OpenStatement | undefined {
    const { worker, instance, held } = asking;
    const isMarket = worker.kind === 'market';
    const isItsOwn = (lease: Lease): boolean => (isMarket ? lease.worker.id === worker.id : isHeldBy(lease, asking));
    const candidates = this.#leases.open
      .slice(0, this.#options.window)
      .filter(({ leases }) => ![...leases].some(isItsOwn));
    const offered = candidates.filter(({ statement }) => !this.activity.isResting(worker, instance, statement.id));
    // That it has a proof already is the caller's word: of a stranger it opens nothing that somebody else has.
    const isHeld = ({ statement, leases }: OpenStatement): boolean =>
      held?.has(statement.id) === true && (!isMarket || leases.size === 0);
    return (
      candidates.find(isHeld) ??
      offered.find((entry) => entry.leases.size === 0 || this.#isLockedAway(entry, worker)) ??
      offered.find((entry) => this.#isOnlyWeaker(entry, worker) || this.#isOverdue(entry, worker))
    );
  }

  #lease(id: string, entry: OpenStatement, { worker, instance }: Machine, isTimed: boolean): Lease {
    const nowMs = this.#options.clock.nowMs();
    const { statement } = entry;
    const reward = worker.payee === undefined ? undefined : this.#options.rewardAt?.(this.#leases.waitedMs(entry));
    const lease = { id, worker, instance, statement, sinceMs: nowMs, seenMs: nowMs, reward, isTimed };
    this.#leases.begin(lease);
    this.#options.onLease?.(lease);
    return lease;
  }
}
