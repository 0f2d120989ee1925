/** The watcher's metrics. */

import type { CounterMetric, GaugeMetric, HistogramMetric, Metrics } from '../../runtime/index.ts';

/** The metrics. */
export interface WatcherMeasurements {
  readonly polls: CounterMetric;
  readonly pollSeconds: HistogramMetric;
  readonly l1Block: GaugeMetric;
  readonly headAge: GaugeMetric;
  readonly reorgs: CounterMetric;
  readonly batches: GaugeMetric;
  readonly waiting: GaugeMetric;
  readonly disputes: GaugeMetric;
  readonly replaySeconds: HistogramMetric;
  readonly lies: CounterMetric;
  readonly actions: CounterMetric;
  readonly spentWei: CounterMetric;
  readonly earnedWei: CounterMetric;
  readonly stakedWei: GaugeMetric;
  readonly balanceWei: GaugeMetric;
  readonly lastLook: GaugeMetric;
  readonly refusals: CounterMetric;
  readonly alerts: CounterMetric;
}

const LATENCIES = [0.01, 0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300];

/** Registers the metrics. */
export function createWatcherMeasurements(metrics: Metrics): WatcherMeasurements {
  return {
    polls: metrics.counter('watch_polls_total', 'Polls of L1, by result', ['result']),
    pollSeconds: metrics.histogram('watch_poll_seconds', 'Duration of a poll, actions included', LATENCIES),
    l1Block: metrics.gauge('watch_l1_block_number', 'Latest L1 block read'),
    headAge: metrics.gauge('watch_l1_head_age_seconds', 'Age of the latest L1 block when it was read'),
    reorgs: metrics.counter('watch_l1_removed_blocks_total', 'Blocks that L1 took back'),
    batches: metrics.gauge('watch_last_batch_number', 'Number of the last batch, by state', ['state']),
    waiting: metrics.gauge('watch_waiting_batches_count', 'Batches that wait, by verdict', ['verdict']),
    disputes: metrics.gauge('watch_open_disputes_count', 'Disputes that are not settled'),
    replaySeconds: metrics.histogram('watch_replay_seconds', 'Time to replay a waiting batch', LATENCIES),
    lies: metrics.counter('watch_lies_total', 'Wrong chunks found, by broken rule', ['rule']),
    actions: metrics.counter('watch_actions_total', 'Transactions tried, by move and result', ['move', 'result']),
    spentWei: metrics.counter('watch_spent_wei_total', 'Wei paid for gas, by move', ['move']),
    earnedWei: metrics.counter(
      'watch_collected_wei_total',
      'Wei collected: own bonds that came back, and parts of others',
    ),
    stakedWei: metrics.gauge('watch_staked_wei', 'Own bonds on L1: of open disputes and of waiting batches'),
    balanceWei: metrics.gauge('watch_balance_wei', 'ETH of the account on L1'),
    lastLook: metrics.gauge('watch_last_poll_timestamp_seconds', 'Unix time of the last poll that succeeded'),
    refusals: metrics.counter('watch_refusals_total', 'Challenges withheld because L1 was not certain enough', [
      'reason',
    ]),
    alerts: metrics.counter('watch_alerts_total', 'Alerts, by kind', ['kind']),
  };
}
