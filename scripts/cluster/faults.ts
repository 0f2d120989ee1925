/** What happens to clusters: each fault ends with everything up again, and says how long nothing was acknowledged. */

import { setTimeout as pause } from 'node:timers/promises';
import type { LocalCluster } from './cluster.ts';
import type { ClusterNode } from './node.ts';
import type { Payers } from './payers.ts';

/** A fault. */
export type FaultName = 'kill' | 'freeze' | 'partition' | 'cancel' | 'primary' | 'clock';

/** What came of one. */
export interface FaultReport {
  readonly fault: FaultName;
  /** From the fault to the first acknowledgement that the new leader, or the new primary, gave. */
  readonly seconds: number;
}

export interface FaultContext {
  readonly cluster: LocalCluster;
  readonly payers: Payers;
  /** 0 to 1, of the run's seed. */
  readonly random: () => number;
}

const AGAIN_WITHIN_MS = 90_000;
/** Longer than a lease: another node leads by then. */
const OUTAGE_MS = 13_000;
const CLOCK_OFFSET_MS = 5 * 60_000;

/** Resolves with the time of the next acknowledgement of what was begun from now on. */
async function untilAcknowledged({ payers }: FaultContext, sinceMs: number): Promise<number> {
  const { length } = payers.acknowledged;
  for (const end = performance.now() + AGAIN_WITHIN_MS; performance.now() < end; await pause(20)) {
    if (payers.failure !== undefined) throw payers.failure;
    // One answer may have been on its way already.
    const next = payers.acknowledged[length + 1];
    if (next !== undefined) return (next.atMs - sinceMs) / 1_000;
  }
  throw new Error(`nothing was acknowledged for ${AGAIN_WITHIN_MS / 1_000} s`);
}

const some = <T>(items: readonly T[], random: () => number): T => items[Math.floor(random() * items.length)]!;

/** Kills the leader, and starts it again once others go on. @param clockOffsetMs of its clock from then on. */
async function killLeader(context: FaultContext, leader: ClusterNode, clockOffsetMs = 0): Promise<number> {
  const sinceMs = performance.now();
  await leader.kill();
  const seconds = await untilAcknowledged(context, sinceMs);
  await leader.start(clockOffsetMs);
  return seconds;
}

/** Cuts the leader off, or stops it in its tracks, for longer than its lease. */
async function loseLeader(context: FaultContext, begin: () => void, end: () => void): Promise<number> {
  const sinceMs = performance.now();
  begin();
  try {
    const seconds = await untilAcknowledged(context, sinceMs);
    await pause(Math.max(0, OUTAGE_MS - (performance.now() - sinceMs)));
    return seconds;
  } finally {
    end();
  }
}

/** The standby stands still, so that appends wait for it; what waits is cancelled, which must be no success. */
async function cancelAppends(context: FaultContext): Promise<number> {
  const { primary, standby } = context.cluster.postgres;
  const sinceMs = performance.now();
  standby?.freeze(true);
  try {
    for (let count = 0; count < 5; count++) {
      await pause(300);
      await primary.query(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> pg_backend_pid()",
      );
    }
  } finally {
    standby?.freeze(false);
  }
  return untilAcknowledged(context, sinceMs);
}

/** The primary is killed and its standby promoted; then another standby joins. */
async function losePrimary(context: FaultContext): Promise<number> {
  const { postgres } = context.cluster;
  const sinceMs = performance.now();
  await postgres.failOver();
  const seconds = await untilAcknowledged(context, sinceMs);
  await postgres.rejoin();
  return seconds;
}

/** Has it happen. @throws Error when the cluster does not go on. */
export async function strike(fault: FaultName, context: FaultContext): Promise<FaultReport> {
  const { cluster, random } = context;
  const leader = await cluster.untilLed();
  const cut = (isCut: boolean) => () => {
    for (const proxy of leader.network) proxy.cut(isCut);
  };
  const seconds = await {
    kill: () => killLeader(context, leader),
    clock: () => killLeader(context, leader, some([-1, 1], random) * CLOCK_OFFSET_MS),
    freeze: () =>
      loseLeader(
        context,
        () => leader.freeze(true),
        () => leader.freeze(false),
      ),
    partition: () => loseLeader(context, cut(true), cut(false)),
    cancel: () => cancelAppends(context),
    primary: () => losePrimary(context),
  }[fault]();
  return { fault, seconds };
}
