/** Open statements, the oldest chunk first, and who has leases on them. It keeps the books; `dispatcher.ts` decides. */

import { HEARTBEAT_SECONDS } from '../../prover/index.ts';
import type { Clock } from '../../runtime/index.ts';
import type { Lease, Statement, WorkerIdentity } from './types.ts';

/** One machine of a worker: several may share a token. */
export interface Machine {
  readonly worker: WorkerIdentity;
  readonly instance: string;
}

/** A lease with when its holder was last heard of. */
export interface HeldLease extends Lease {
  seenMs: number;
  /** Whether it began with the proof: how long it lasts is how long one takes. */
  readonly isTimed: boolean;
}

/** An open statement. */
export interface OpenStatement {
  readonly statement: Statement;
  readonly openedMs: number;
  readonly leases: ReadonlySet<HeldLease>;
}

interface Entry extends OpenStatement {
  readonly leases: Set<HeldLease>;
  /** Time during which nobody had it, up to `freeSinceMs`. */
  waitedMs: number;
  /** Since when nobody has it; of no meaning while somebody does. */
  freeSinceMs: number;
}

/** Leases that were ended. */
export interface Ended {
  /** Of the open market, and held for too long. */
  readonly late: readonly Lease[];
  /** Their holders were not heard of. */
  readonly silent: readonly Lease[];
}

/** The books. */
export interface Leases {
  /** Open statements, by batch and chunk. */
  readonly open: readonly OpenStatement[];
  readonly all: ReadonlyMap<string, HeldLease>;
  find(statementId: string): OpenStatement | undefined;
  /** Those that are open already stay as they are. */
  add(statement: Statement): void;
  /** Closes a statement, and ends its leases. */
  close(statementId: string): void;
  begin(lease: HeldLease): void;
  end(leaseId: string): void;
  /** Ends the leases whose holders were not heard of, and those that the market holds for longer than `mostMs`. */
  sweep(mostMs: number): Ended;
  /** How long nobody had an open statement, all taken together: what makes its proof dearer. */
  waitedMs(entry: OpenStatement): number;
  of(machine: Machine, statementId: string): HeldLease | undefined;
  countOf(workerId: string): number;
}

/** Missing so many heartbeats ends a lease. */
const MISSED_HEARTBEATS = 3;

/** Whether a lease is that of this machine. */
export function isHeldBy({ worker, instance }: Lease, machine: Machine): boolean {
  return worker.id === machine.worker.id && instance === machine.instance;
}

const isEarlier = (one: Statement, other: Statement): boolean =>
  one.batch < other.batch || (one.batch === other.batch && one.chunk < other.chunk);

/** Nothing is open. */
export function createLeases(clock: Clock): Leases {
  const open: Entry[] = [];
  const byId = new Map<string, Entry>();
  const all = new Map<string, HeldLease>();
  const end = (leaseId: string): void => {
    const lease = all.get(leaseId);
    if (lease === undefined) return;
    all.delete(leaseId);
    const entry = byId.get(lease.statement.id);
    if (entry?.leases.delete(lease) === true && entry.leases.size === 0) entry.freeSinceMs = clock.nowMs();
  };
  const waitedMs = (entry: Entry): number =>
    entry.leases.size > 0 ? entry.waitedMs : entry.waitedMs + clock.nowMs() - entry.freeSinceMs;
  return {
    open,
    all,
    find: (id) => byId.get(id),
    add(statement) {
      if (byId.has(statement.id)) return;
      const nowMs = clock.nowMs();
      const entry: Entry = { statement, openedMs: nowMs, leases: new Set(), waitedMs: 0, freeSinceMs: nowMs };
      byId.set(statement.id, entry);
      const place = open.findLastIndex((other) => isEarlier(other.statement, statement));
      open.splice(place + 1, 0, entry);
    },
    close(id) {
      const entry = byId.get(id);
      if (entry === undefined) return;
      for (const lease of [...entry.leases]) end(lease.id);
      byId.delete(id);
      open.splice(open.indexOf(entry), 1);
    },
    begin(lease) {
      const entry = byId.get(lease.statement.id);
      if (entry !== undefined) {
        entry.waitedMs = waitedMs(entry);
        entry.leases.add(lease);
      }
      all.set(lease.id, lease);
    },
    end,
    waitedMs: (entry) => waitedMs(byId.get(entry.statement.id)!),
    sweep(mostMs) {
      const nowMs = clock.nowMs();
      const lastMs = nowMs - MISSED_HEARTBEATS * HEARTBEAT_SECONDS * 1_000;
      // This process's own prover needs no heartbeats: it ends with it.
      const silent = [...all.values()].filter(({ worker, seenMs }) => worker.kind !== 'local' && seenMs <= lastMs);
      for (const lease of silent) end(lease.id);
      const late = [...all.values()].filter(
        ({ worker, sinceMs }) => worker.kind === 'market' && nowMs - sinceMs > mostMs,
      );
      for (const lease of late) end(lease.id);
      return { late, silent };
    },
    of: (machine, id) => [...(byId.get(id)?.leases ?? [])].find((lease) => isHeldBy(lease, machine)),
    countOf: (workerId) => [...all.values()].filter(({ worker }) => worker.id === workerId).length,
  };
}
