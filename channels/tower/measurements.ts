/** The tower's metrics. */

import type { CounterMetric, GaugeMetric, Metrics } from '../../runtime/index.ts';

/** The metrics. */
export interface TowerMeasurements {
  readonly looks: CounterMetric;
  readonly l1Block: GaugeMetric;
  readonly headAge: GaugeMetric;
  readonly lastLook: GaugeMetric;
  readonly channels: GaugeMetric;
  readonly actions: CounterMetric;
  readonly spentWei: CounterMetric;
  readonly balanceWei: GaugeMetric;
  readonly alerts: CounterMetric;
  readonly problems: GaugeMetric;
}

/** Registers the metrics. */
export function createTowerMeasurements(metrics: Metrics): TowerMeasurements {
  return {
    looks: metrics.counter('tower_looks_total', 'Looks at L1, by result', ['result']),
    l1Block: metrics.gauge('tower_l1_block_number', 'Latest L1 block looked at'),
    headAge: metrics.gauge('tower_l1_head_age_seconds', 'Age of the latest L1 block when it was looked at'),
    lastLook: metrics.gauge('tower_last_look_timestamp_seconds', 'Unix time of the last look that saw every channel'),
    channels: metrics.gauge('tower_channels_count', 'Channels, by where their close stands', ['phase']),
    actions: metrics.counter('tower_actions_total', 'Transactions tried, by move and result', ['move', 'result']),
    spentWei: metrics.counter('tower_spent_wei_total', 'Wei paid for gas, by move', ['move']),
    balanceWei: metrics.gauge('tower_balance_wei', 'ETH of the account on L1'),
    alerts: metrics.counter('tower_alerts_total', 'Alerts, by kind', ['kind']),
    problems: metrics.gauge('tower_problems_count', 'States and channels that could not be read at the last look'),
  };
}
