/** How a fleet does, for its operator. */

import type { FleetRewards, FleetStatus, WorkerStatus } from '../../prover/index.ts';
import type { Clock } from '../../runtime/index.ts';
import { isQuarantined } from './deliveries.ts';
import type { Fleet } from './fleet.ts';
import type { WorkerIdentity } from './types.ts';

/** A worker asks for work at least so often. */
const RECENT_SECONDS = 60;

type IsShown = (worker: WorkerIdentity) => boolean;

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

function workersOf({ dispatcher, ledger, tokens }: Fleet, nowMs: number, isShown: IsShown): WorkerStatus[] {
  const sights = dispatcher.activity.list();
  const { leases } = dispatcher;
  const silent = tokens.workers.filter(({ id }) => !sights.some(({ worker }) => worker.id === id));
  const all: { readonly worker: WorkerIdentity; readonly seenMs?: number; readonly failures?: number }[] = [
    ...sights,
    ...silent.map((worker) => ({ worker })),
  ];
  return all
    .filter(({ worker }) => isShown(worker))
    .map(({ worker, seenMs, failures = 0 }) => {
      const { accepted, strikes } = ledger.accepted.recordOf(worker.id);
      return {
        name: worker.name,
        kind: worker.kind,
        leases: leases.filter((lease) => lease.worker.id === worker.id).length,
        ...{ accepted, strikes, quarantined: isQuarantined(strikes), failures },
        secondsAgo: seenMs === undefined ? null : seconds(nowMs - seenMs),
      };
    })
    .toSorted((one, other) => other.accepted - one.accepted || (one.name < other.name ? -1 : 1));
}

function rewardsOf({ reward, ledger }: Fleet): FleetRewards | null {
  if (reward === undefined) return null;
  const { tokenId, amount } = reward;
  const { accepted, payments } = ledger;
  const last = accepted.lastBatch();
  return {
    tokenId,
    amount: amount.toString(),
    owed: accepted.owed(tokenId).toString(),
    paid: payments.paid(tokenId).toString(),
    lastBatch: last === undefined ? null : accepted.costOf(last, tokenId).toString(),
  };
}

/** The fleet at this moment. @param isShown which workers are told of, by themselves and with their leases. */
export function fleetStatus(fleet: Fleet, clock: Clock, isShown: IsShown = () => true): FleetStatus {
  const { dispatcher, circuit, profile, isMarket } = fleet;
  const nowMs = clock.nowMs();
  const { leases, oldest, durations } = dispatcher;
  const workers = workersOf(fleet, nowMs, isShown);
  const quantile = (share: number): number | null => {
    const ms = durations.quantile(share);
    return ms === undefined ? null : seconds(ms);
  };
  return {
    circuit,
    profile: profile.name,
    leads: fleet.desk !== undefined,
    market: isMarket,
    open: dispatcher.openCount,
    leased: new Set(leases.map(({ statement }) => statement.id)).size,
    oldestSeconds: oldest === undefined ? null : seconds(nowMs - oldest.openedMs),
    accepted: fleet.acceptedCount,
    p50Seconds: quantile(0.5),
    p95Seconds: quantile(0.95),
    workers,
    leases: leases
      .filter(({ worker }) => isShown(worker))
      .map(({ worker, statement, sinceMs }) => {
        const { batch, chunk } = statement;
        return { worker: worker.name, batch, chunk, seconds: seconds(nowMs - sinceMs) };
      }),
    rewards: rewardsOf(fleet),
  };
}

/** Of a fleet what everybody may know: numbers, and nobody's name. */
export type FleetSummary = Omit<FleetStatus, 'workers' | 'leases' | 'rewards'> & { readonly workers: number };

/** Anybody may ask for it: it is counted anew after so long. */
const SUMMARY_MS = 1_000;

/** `fleetSummary`, counted once a second at most. */
export function createFleetSummary(fleet: Fleet, clock: Clock): () => FleetSummary {
  let last: { readonly summary: FleetSummary; readonly atMs: number } | undefined;
  return () => {
    const atMs = clock.nowMs();
    if (last === undefined || Math.abs(atMs - last.atMs) >= SUMMARY_MS)
      last = { summary: fleetSummary(fleet, clock), atMs };
    return last.summary;
  };
}

/** The fleet for `/stats`. */
export function fleetSummary(fleet: Fleet, clock: Clock): FleetSummary {
  const { workers, leases: _, rewards: __, ...summary } = fleetStatus(fleet, clock);
  return {
    ...summary,
    workers: workers.filter(({ secondsAgo }) => secondsAgo !== null && secondsAgo < RECENT_SECONDS).length,
  };
}
