/** `quittance cluster status`: the nodes of a cluster as a table. */

import { RollupError } from '@quittance/protocol';
import type { NodeStats, Stats } from '../../sequencer/index.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import type { ClusterStatusValues } from './settings.ts';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1 << 20;
/** A node that was silent for longer is down, or has no journal. */
const SILENT_SECONDS = 10;

/** Whether an answer has what is shown. It comes from whoever answers at that URL. */
function isStats(value: unknown): value is Stats {
  const { node, role, nodes, head } = (value ?? {}) as Partial<Stats>;
  return typeof node === 'string' && typeof role === 'string' && typeof head === 'number' && Array.isArray(nodes);
}

/** What a node says at /stats. @throws RollupError RPC_UNREACHABLE, or RPC_ANSWER_INVALID. */
export async function readStats(url: string): Promise<Stats> {
  const place = new URL('stats', url.endsWith('/') ? url : `${url}/`);
  let text: string;
  try {
    const response = await fetch(place, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch (error) {
    const message = `cannot reach ${url}: ${(error as Error).message}; is the node running?`;
    throw new RollupError('RPC_UNREACHABLE', message, { url }, { cause: error });
  }
  try {
    const value: unknown = text.length > MAX_ANSWER_BYTES ? undefined : JSON.parse(text);
    if (isStats(value)) return value;
  } catch {
    // Said below: it is no JSON.
  }
  const message = `${url} does not answer /stats as a sequencer of this version does; name the JSON-RPC of a node`;
  throw new RollupError('RPC_ANSWER_INVALID', message, { url });
}

/** What a node does, as far as one knows. */
function stateOf({ role, secondsAgo }: NodeStats): string {
  return secondsAgo > SILENT_SECONDS ? `silent for ${Math.round(secondsAgo)} s` : role;
}

/** The table of nodes, and what is to be said of all. */
export function describeCluster(stats: Stats): string {
  const { leader, nodes, sealedBatch, postedBatch, finalBatch, transfersPerSecond, latencyMs, trouble, node } = stats;
  const rows = nodes.map((each) => {
    const { name, url, epoch, head, lag, version } = each;
    return [name, stateOf(each), String(epoch), String(head), String(lag), version, url ?? '–'];
  });
  const latency = latencyMs === null ? '' : `, acknowledged in ${latencyMs.p50} ms (p50), ${latencyMs.p99} ms (p99)`;
  return [
    table([['node', 'role', 'epoch', 'last entry', 'behind', 'version', 'url'], ...rows]),
    '',
    leader === null ? 'NO NODE LEADS: nothing is accepted' : `${leader.name} leads, epoch ${leader.epoch}`,
    `batches: ${sealedBatch} sealed, ${postedBatch} on L1, ${finalBatch} final`,
    `${node} takes ${transfersPerSecond} transfers a second${latency}`,
    ...(trouble === null ? [] : [`${node} IS NOT READY, ${trouble.code}: ${trouble.message}`]),
  ].join('\n');
}

/** @throws RollupError NOT_LEADER when no node leads, after all was said; as `readStats`. */
export async function runClusterStatus({ output }: Context, { url }: ClusterStatusValues): Promise<void> {
  const stats = await readStats(url);
  output.result(stats, () => describeCluster(stats));
  const { leader, trouble, epoch } = stats;
  if (leader === null) {
    const message = 'no node leads: look at the logs of the nodes, and whether PostgreSQL takes writes';
    throw new RollupError('NOT_LEADER', message, { epoch });
  }
  if (trouble !== null) throw new RollupError('RPC_UNREACHABLE', `the node is not ready: ${trouble.message}`, { url });
}
