/** The sequencer's metrics. */

import type { CounterMetric, GaugeMetric, HistogramMetric, Metrics } from '../runtime/index.ts';

/** All that is measured. */
export interface SequencerMeasurements {
  readonly accepted: CounterMetric;
  readonly refused: CounterMetric;
  readonly dropped: CounterMetric;
  readonly commitSeconds: HistogramMetric;
  readonly groupSize: HistogramMetric;
  readonly openTransfers: GaugeMetric;
  readonly sealSeconds: HistogramMetric;
  readonly proveSeconds: HistogramMetric;
  readonly batches: GaugeMetric;
  readonly l1Block: GaugeMetric;
  readonly l1LastLook: GaugeMetric;
  readonly requests: CounterMetric;
  readonly l1Gas: CounterMetric;
  readonly l1Spent: CounterMetric;
  readonly l1Balance: GaugeMetric;
  readonly requestSeconds: HistogramMetric;
}

const LATENCIES = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300];

/** Registers the metrics. */
export function createMeasurements(metrics: Metrics): SequencerMeasurements {
  return {
    accepted: metrics.counter('transfers_accepted_total', 'Transfers acknowledged'),
    refused: metrics.counter('transfers_refused_total', 'Transfers refused, by reason', ['reason']),
    dropped: metrics.counter('transfers_dropped_total', 'Accepted transfers dropped at sealing, by reason', ['reason']),
    commitSeconds: metrics.histogram('commit_seconds', 'Time of a group commit', LATENCIES),
    groupSize: metrics.histogram('commit_group_count', 'Transfers of a group commit', [1, 4, 16, 64, 256, 1024]),
    openTransfers: metrics.gauge('open_transfers_count', 'Accepted transfers that are in no batch'),
    sealSeconds: metrics.histogram('seal_seconds', 'Time to execute and seal a batch', LATENCIES),
    proveSeconds: metrics.histogram('prove_seconds', 'Time to prove a chunk', LATENCIES),
    batches: metrics.gauge('last_batch_number', 'Number of the last batch, by state', ['state']),
    l1Block: metrics.gauge('l1_block_number', 'Latest L1 block read'),
    l1LastLook: metrics.gauge('l1_last_look_timestamp_seconds', 'Unix time of the last look at L1 that succeeded'),
    requests: metrics.counter('rpc_requests_total', 'JSON-RPC requests, by method and result', ['method', 'result']),
    l1Gas: metrics.counter('l1_gas_total', 'Gas used on L1, by kind of transaction', ['kind']),
    l1Spent: metrics.counter(
      'l1_spent_wei_total',
      'Wei paid for gas on L1, that of blobs too, by kind of transaction',
      ['kind'],
    ),
    l1Balance: metrics.gauge('l1_balance_wei', 'ETH of the producer on L1'),
    requestSeconds: metrics.histogram('rpc_request_seconds', 'Time of a JSON-RPC call, by method', LATENCIES, [
      'method',
    ]),
  };
}
