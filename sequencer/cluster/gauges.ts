/** The gauges of a node among others. */

import type { Metrics } from '../../runtime/index.ts';
import type { NodeStatus } from '../sequencer.ts';
import type { Cluster } from './cluster.ts';

/** Registers them; they show what `node` and the cluster say at each print. */
export function createNodeGauges(
  metrics: Metrics,
  node: () => NodeStatus,
  { leader, quorum }: Pick<Cluster, 'leader' | 'quorum'>,
): void {
  const leads = metrics.gauge('node_leads_info', '1 on the node that leads, else 0');
  const known = metrics.gauge(
    'leader_known_info',
    '1 while this node knows a leader whose lease has not run out, else 0',
  );
  const epoch = metrics.gauge('node_epoch_number', 'Term of the leader, as this node knows it');
  const head = metrics.gauge('log_head_number', 'Last entry of the log that this node has');
  const lag = metrics.gauge('log_lag_count', 'Entries of the journal that this node does not have yet');
  const standby = metrics.gauge(
    'journal_standby_info',
    '1 while commits of the journal wait for a standby, 0 while what is accepted is on one disk; missing while that is not known',
  );
  const stalled = metrics.gauge(
    'journal_stalled_info',
    '1 while they wait for a standby that is not there, so that nothing is acknowledged, else 0; missing while that is not known',
  );
  metrics.onPrint(() => {
    const now = node();
    leads.set(now.role === 'leader' ? 1 : 0);
    known.set(leader()?.isExpired === false ? 1 : 0);
    epoch.set(now.epoch);
    head.set(now.head);
    lag.set(now.lag);
    standby.reset();
    stalled.reset();
    const found = quorum();
    if (found === undefined) return;
    const isStalled = found.isStalled === true;
    standby.set(found.isMet || isStalled ? 1 : 0);
    stalled.set(isStalled ? 1 : 0);
  });
}
