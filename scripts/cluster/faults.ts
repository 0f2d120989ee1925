/** What happens to clusters: each fault ends with everything up again, and says how long nothing was acknowledged. */

import { setTimeout as pause } from 'node:timers/promises';
import type { LocalCluster } from './cluster.ts';
import type { ClusterNode } from './node.ts';
import type { Payers } from './payers.ts';

/** A fault. */
export type FaultName = 'kill' | 'freeze' | 'partition' | 'cancel' | 'primary' | 'clock' | 'jump' | 'disk';

/** What came of one. */
export interface FaultReport {
  readonly fault: FaultName;
  /** The longest time without an acknowledgement, from the fault until whatever was on its way when it struck is answered. */
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
const OUTAGE_MS = { freeze: 30_000, partition: 13_000 } as const;
/** So long a clock that has jumped stays where it is. */
const JUMPED_MS = 3_000;
const CLOCK_OFFSET_MS = 5 * 60_000;

/** Resolves once what was begun after the fault is acknowledged, with the longest pause until then, in seconds. */
async function untilAcknowledged({ payers }: FaultContext, sinceMs: number): Promise<number> {
  // Each wallet may have one answer on its way.
  const last = payers.acknowledged.length + payers.count;
  for (const end = performance.now() + AGAIN_WITHIN_MS; performance.now() < end; await pause(20)) {
    if (payers.failure !== undefined) throw payers.failure;
    if (payers.acknowledged.length <= last) continue;
    const times = [sinceMs, ...payers.acknowledged.map(({ atMs }) => atMs).filter((atMs) => atMs > sinceMs)];
    return Math.max(...times.slice(1).map((atMs, place) => atMs - times[place]!)) / 1_000;
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

/** The leader loses its disk: it begins anew with an empty one, from the journal alone. */
async function loseDisk(context: FaultContext, leader: ClusterNode): Promise<number> {
  const sinceMs = performance.now();
  await leader.kill();
  leader.eraseDisk();
  const seconds = await untilAcknowledged(context, sinceMs);
  await leader.start();
  return seconds;
}

/** Cuts the leader off, or stops it in its tracks, for longer than its lease. @param change whether it is so. */
async function loseLeader(context: FaultContext, outageMs: number, change: (isLost: boolean) => void): Promise<number> {
  const sinceMs = performance.now();
  change(true);
  try {
    const seconds = await untilAcknowledged(context, sinceMs);
    await pause(Math.max(0, outageMs - (performance.now() - sinceMs)));
    return seconds;
  } finally {
    change(false);
  }
}

/** The clock of the leader jumps while it leads, and back. */
async function jumpClock(context: FaultContext, leader: ClusterNode, offsetMs: number): Promise<number> {
  const sinceMs = performance.now();
  leader.jump(offsetMs);
  await pause(JUMPED_MS);
  leader.jump(0);
  return untilAcknowledged(context, sinceMs);
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
  const cut = (isCut: boolean): void => {
    for (const proxy of leader.network) proxy.cut(isCut);
  };
  const offsetMs = some([-1, 1], random) * CLOCK_OFFSET_MS;
  const seconds = await {
    kill: () => killLeader(context, leader),
    disk: () => loseDisk(context, leader),
    clock: () => killLeader(context, leader, offsetMs),
    jump: () => jumpClock(context, leader, offsetMs),
    freeze: () => loseLeader(context, OUTAGE_MS.freeze, leader.freeze),
    partition: () => loseLeader(context, OUTAGE_MS.partition, cut),
    cancel: () => cancelAppends(context),
    primary: () => losePrimary(context),
  }[fault]();
  return { fault, seconds };
}
