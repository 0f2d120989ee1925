/** `quittance prover status`: the fleet as its operator sees it. */

import type { FleetStatus } from '../../prover/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import { openClient } from './client.ts';
import type { CLIENT_SETTINGS } from './settings.ts';

const secondsText = (seconds: number | null): string => (seconds === null ? '–' : `${seconds} s`);

/** The fleet for people. */
export function statusText(status: FleetStatus): string {
  const { rewards, workers, leases } = status;
  const facts = [
    ['profile', status.profile],
    ['this node leads', status.leads ? 'yes' : 'no: it hands out no work'],
    ['open chunks', `${status.open}, ${status.leased} of them being proven`],
    ['oldest waits', secondsText(status.oldestSeconds)],
    ['proofs since the start', String(status.accepted)],
    ['seconds a proof', `p50 ${secondsText(status.p50Seconds)}, p95 ${secondsText(status.p95Seconds)}`],
    ...(rewards === null
      ? []
      : [
          ['reward a proof', `${rewards.amount} of token ${rewards.tokenId}${status.market ? ', open market' : ''}`],
          ['owed and paid', `${rewards.owed} and ${rewards.paid}`],
          ['cost of the last batch', rewards.lastBatch ?? '–'],
        ]),
  ];
  const parts = [table(facts)];
  if (workers.length > 0) {
    const rows = workers.map(({ name, kind, leases, accepted, failures, strikes, quarantined, secondsAgo }) => [
      ...[name, kind, String(leases), String(accepted), String(failures)],
      quarantined ? `${strikes}, quarantined` : String(strikes),
      secondsAgo === null ? 'not since the start' : `${secondsAgo} s ago`,
    ]);
    parts.push(table([['worker', 'kind', 'leases', 'proofs', 'failed', 'invalid', 'seen'], ...rows]));
  }
  if (leases.length > 0) {
    const rows = leases.map(({ worker, batch, chunk, seconds }) => [
      worker,
      String(batch),
      String(chunk),
      `${seconds} s`,
    ]);
    parts.push(table([['proves now', 'batch', 'chunk', 'since'], ...rows]));
  }
  return parts.join('\n\n');
}

export async function runStatus(context: Context, values: Values<typeof CLIENT_SETTINGS>): Promise<void> {
  const { output, signal } = context;
  const status = await openClient(values, output).status({ signal });
  output.result(status, () => statusText(status));
}
