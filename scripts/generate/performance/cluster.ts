/** The section of docs/performance.md about several sequencers on one log. */

import type { ClusterResult } from '../../bench/parts/cluster/result.ts';
import { type Measured, machineLine, seconds, table, thousands } from './table.ts';

/** What became of payments while leaders and primaries were lost. */
export function clusterSection(measured: Measured<ClusterResult> | undefined): string {
  if (measured === undefined) return '';
  const { runs, faults, acknowledged, lost, doubled, forks, headersEqual, ...failover } = measured.result;
  const happened = Object.entries(faults)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  return [
    '## Several sequencers',
    `\`./dev bench cluster --json\`. ${machineLine(measured.machine)}`,
    `Three nodes in processes of their own on a PostgreSQL with a synchronous standby, while wallets pay through all of them. In each of ${thousands(runs)} runs something happens: ${happened.join(', ')}. The times are the longest without an acknowledgement.`,
    table(
      ['', ''],
      [
        ['payments acknowledged', thousands(acknowledged)],
        ['lost', thousands(lost)],
        ['doubled', thousands(doubled)],
        ['nodes with another log', thousands(forks)],
        ['headers of all batches on all nodes', headersEqual ? 'equal' : 'NOT EQUAL'],
        ['seconds, the leader lost', seconds(failover.leaderFailoverSeconds)],
        ['seconds, the primary lost', seconds(failover.primaryFailoverSeconds)],
      ],
    ),
  ].join('\n\n');
}
