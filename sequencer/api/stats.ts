/** GET /stats: how the node and its cluster do. */

import type { FastifyInstance } from 'fastify';
import type { Readiness } from '../../runtime/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type FleetStats, statsOf } from '../cluster/stats.ts';
import type { Sequencer } from '../sequencer.ts';
import { VERSION } from './version.ts';

export interface StatsOptions {
  /** The present one. */
  readonly sequencer: () => Sequencer;
  /** Where there are other nodes. */
  readonly cluster: Pick<Cluster, 'name' | 'leader' | 'nodes'> | undefined;
  readonly readiness: () => Readiness;
  readonly fleet: (() => FleetStats | undefined) | undefined;
}

/** Adds /stats, which nobody keeps. */
export function addStats(server: FastifyInstance, { sequencer, cluster, readiness, fleet }: StatsOptions): void {
  server.get('/stats', (_request, reply) => {
    const state = readiness();
    const trouble = state.ready ? undefined : { code: state.reason, message: state.message };
    void reply.header('cache-control', 'no-store');
    return reply.send(statsOf({ sequencer: sequencer(), cluster, trouble, fleet, version: VERSION }));
  });
}
