/** `/stats`: what one looks at to see how a node and its cluster do, as JSON. Also of a single machine, which is a cluster of one. */

import type { Sequencer } from '../sequencer.ts';
import { INTERVAL_MS, type StatisticsPoint } from '../statistics.ts';
import type { Cluster } from './cluster.ts';

/** A node in /stats. */
export interface NodeStats {
  readonly name: string;
  /** Where it is reached; null where that was never said. */
  readonly url: string | null;
  readonly role: 'leader' | 'replica';
  readonly epoch: number;
  /** Sequence of its last entry. */
  readonly head: number;
  /** Entries that it lacks of the furthest node's. */
  readonly lag: number;
  readonly version: string;
  /** Since it said so. */
  readonly secondsAgo: number;
}

/** The fleet's part: how provers do. */
export type FleetStats = Readonly<Record<string, unknown>>;

/** The answer of /stats. */
export interface Stats {
  /** Name of this node. */
  readonly node: string;
  readonly role: 'leader' | 'replica';
  /** Term of the leader; 0 on a single machine. */
  readonly epoch: number;
  readonly leader: { readonly name: string; readonly url: string | null; readonly epoch: number } | null;
  readonly head: number;
  /** Entries of the journal that this node does not have yet. */
  readonly lag: number;
  readonly sealedBatch: number;
  readonly postedBatch: number;
  readonly finalBatch: number;
  readonly openTransfers: number;
  readonly unpostedTransfers: number;
  /** Of the last whole interval of ten seconds, on this node. */
  readonly transfersPerSecond: number;
  /** From arrival to acknowledgement, in the last interval in which something was accepted here; null before. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
  /** Why this node is not ready, if so. */
  readonly trouble: { readonly code: string; readonly message: string } | null;
  readonly fleet: FleetStats | null;
  readonly nodes: readonly NodeStats[];
}

/** How many were accepted a second in the last interval that is over. */
function rateOf(points: readonly StatisticsPoint[]): number {
  const last = points.at(-2);
  return last === undefined ? 0 : (last.acceptedCount * 1_000) / INTERVAL_MS;
}

function latencyOf(points: readonly StatisticsPoint[]): Stats['latencyMs'] {
  const last = points.findLast(({ latencyP50Ms }) => latencyP50Ms !== undefined);
  return last === undefined ? null : { p50: last.latencyP50Ms!, p99: last.latencyP99Ms! };
}

export interface StatsInput {
  readonly sequencer: Pick<Sequencer, 'status' | 'statistics' | 'node'>;
  /** Undefined on a single machine. */
  readonly cluster: Pick<Cluster, 'name' | 'leader' | 'nodes'> | undefined;
  /** Why the node is not ready. */
  readonly trouble: { readonly code: string; readonly message: string } | undefined;
  readonly fleet: (() => FleetStats | undefined) | undefined;
  readonly version: string;
}

/** A single machine, as its own leader. */
const ALONE = 'single';

function nodesOf({ sequencer, cluster, version }: StatsInput): NodeStats[] {
  const { role, epoch, head } = sequencer.node();
  if (cluster === undefined) return [{ name: ALONE, url: null, role, epoch, head, lag: 0, version, secondsAgo: 0 }];
  const known = cluster.nodes();
  const furthest = Math.max(head, ...known.map((node) => node.head));
  return known.map((node) => {
    const own = node.name === cluster.name ? { role, epoch, head, secondsAgo: 0 } : {};
    const { name, url, role: theirs, epoch: theirEpoch, head: theirHead, version: theirVersion, secondsAgo } = node;
    const row = {
      name,
      url,
      role: theirs,
      epoch: theirEpoch,
      head: theirHead,
      version: theirVersion,
      secondsAgo,
      ...own,
    };
    return { ...row, lag: furthest - row.head };
  });
}

function leaderOf({ sequencer, cluster }: StatsInput): Stats['leader'] {
  if (cluster === undefined) return { name: ALONE, url: null, epoch: sequencer.node().epoch };
  const leader = cluster.leader();
  if (leader === undefined || leader.isExpired) return null;
  return { name: leader.holder, url: leader.url, epoch: leader.epoch };
}

/** What a node says of itself and its cluster now. */
export function statsOf(input: StatsInput): Stats {
  const { sequencer, cluster, trouble, fleet } = input;
  const { role, epoch, head, lag } = sequencer.node();
  const { sealedBatch, postedBatch, finalBatch, openTransfers, unpostedTransfers } = sequencer.status();
  const points = sequencer.statistics.read();
  return {
    node: cluster?.name ?? ALONE,
    ...{ role, epoch, head, lag, sealedBatch, postedBatch, finalBatch, openTransfers, unpostedTransfers },
    leader: leaderOf(input),
    transfersPerSecond: rateOf(points),
    latencyMs: latencyOf(points),
    trouble: trouble ?? null,
    fleet: fleet?.() ?? null,
    nodes: nodesOf(input),
  };
}
