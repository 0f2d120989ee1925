/** The gauges of a node among others. */

import type { Metrics } from '../../runtime/index.ts';
import type { NodeStatus } from '../sequencer.ts';
import type { Cluster } from './cluster.ts';

/** Registers them; they show what `node` and `quorum` say at each print. */
export function createNodeGauges(metrics: Metrics, node: () => NodeStatus, quorum: Cluster['quorum']): void {
  const leads = metrics.gauge('node_leads_info', '1 on the node that leads, else 0');
  const epoch = metrics.gauge('node_epoch_number', 'Term of the leader, as this node knows it');
  const head = metrics.gauge('log_head_number', 'Last entry of the log that this node has');
  const lag = metrics.gauge('log_lag_count', 'Entries of the journal that this node does not have yet');
  const standby = metrics.gauge(
    'journal_standby_info',
    '1 while commits of the journal wait for a standby, 0 while what is accepted is on one disk; missing while that is not known',
  );
  metrics.onPrint(() => {
    const now = node();
    leads.set(now.role === 'leader' ? 1 : 0);
    epoch.set(now.epoch);
    head.set(now.head);
    lag.set(now.lag);
    standby.reset();
    const known = quorum();
    if (known !== undefined) standby.set(known.isMet ? 1 : 0);
  });
}
