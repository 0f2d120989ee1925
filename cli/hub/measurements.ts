/** What a hub measures. */

import { authorsOf, type ChannelParty, type ChannelStage } from '@quittance/sdk/channels';
import type { Metrics } from '../../runtime/index.ts';

const STAGES: readonly ChannelStage[] = ['opening', 'open', 'closing', 'closed'];

/** What is measured, as it is at each print. */
export interface HubState {
  readonly party: Pick<ChannelParty, 'channels' | 'exchange'>;
  /** Connections that others began. */
  readonly connectionCount: () => number;
  readonly hasFailed: () => boolean;
  readonly l1UnseenSeconds: () => number;
  /** Wei of its account on L1, as asked for last; undefined while it was not. */
  readonly balance: () => bigint | undefined;
}

/** Registers all of it. @param state asked for at a print only. */
export function createHubMeasurements(metrics: Metrics, state: () => HubState | undefined) {
  const channels = metrics.gauge('hub_channels_count', 'Channels by stage', ['stage']);
  const capacity = metrics.gauge(
    'hub_capacity_number',
    'Base units in open channels by token: what we can pay (ours) and be paid (theirs)',
    ['token', 'side'],
  );
  const htlcs = metrics.gauge('hub_htlcs_count', 'HTLCs that are open, in all channels');
  const connections = metrics.gauge('hub_connections_count', 'Connections that other parties began');
  const failed = metrics.gauge('hub_failed_count', '1 once nothing may be signed any more, else 0');
  const unseen = metrics.gauge(
    'hub_l1_unseen_seconds',
    'Seconds since L1 was seen: its newest block, on a chain whose blocks come by themselves',
  );
  const balanceWei = metrics.gauge('hub_balance_wei', 'ETH of its account on L1, which shows secrets and closes alone');
  const passedOn = metrics.counter('hub_payments_total', 'Payments that were passed on, and whose secret came back');

  metrics.onPrint(() => {
    const now = state();
    if (now === undefined) return;
    const all = now.party.channels();
    for (const stage of STAGES) channels.set(all.filter((one) => one.stage === stage).length, { stage });
    capacity.reset();
    const open = all.filter(({ stage }) => stage === 'open');
    for (const token of new Set(open.map(({ tokenId }) => tokenId))) {
      const inToken = open.filter(({ tokenId }) => tokenId === token);
      for (const side of ['ours', 'theirs'] as const) {
        capacity.set(Number(inToken.reduce((sum, one) => sum + one[side], 0n)), { token: String(token), side });
      }
    }
    let count = 0;
    for (const { newest } of now.party.exchange.records.values()) count += newest.state.htlcs.length;
    htlcs.set(count);
    connections.set(now.connectionCount());
    failed.set(now.hasFailed() ? 1 : 0);
    unseen.set(now.l1UnseenSeconds());
    const balance = now.balance();
    if (balance !== undefined) balanceWei.set(Number(balance));
  });

  return {
    /** Counts what this party passes on. @returns how to count no more. */
    watch: ({ exchange }: Pick<ChannelParty, 'exchange'>): (() => void) =>
      exchange.watch({
        written({ record, applied }) {
          if (!applied.some(({ type }) => type === 'fulfill')) return;
          const authors = authorsOf(record.newest.state, applied);
          // Whom an HTLC is for fulfills it: what the other party fulfills was ours.
          const made = applied.filter(({ type }, place) => type === 'fulfill' && authors[place] !== record.party);
          if (made.length > 0) passedOn.add(made.length);
        },
        connected: () => undefined,
        ended: () => undefined,
      }),
  };
}
