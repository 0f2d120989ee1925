/** What Prometheus is told of a fleet. Workers are counted, never named: others choose their names. */

import type { CounterMetric, Metrics } from '../../runtime/index.ts';
import type { Dispatcher } from './dispatcher.ts';

/** What became of a proof. */
export type ProofResult = 'accepted' | 'duplicate' | 'closed' | 'invalid';

/** Counts proofs, and leases that ended without one. */
export interface FleetMeasurements {
  readonly proofs: CounterMetric;
  readonly expired: CounterMetric;
}

/** Registers them; the gauges show `dispatcher` at each print. */
export function createFleetMeasurements(
  metrics: Metrics,
  dispatcher: Pick<Dispatcher, 'leases' | 'activity' | 'oldest'>,
  nowMs: () => number,
): FleetMeasurements {
  const leases = metrics.gauge('fleet_leases_count', 'Chunks that provers of the fleet are proving');
  const workers = metrics.gauge('fleet_workers_count', 'Provers that were heard of in the last minute');
  const oldest = metrics.gauge(
    'fleet_oldest_chunk_seconds',
    'Seconds that the oldest chunk has waited for its proof; missing when none does',
  );
  metrics.onPrint(() => {
    leases.set(dispatcher.leases.length);
    workers.set(dispatcher.activity.list().filter(({ seenMs }) => seenMs > nowMs() - 60_000).length);
    oldest.reset();
    if (dispatcher.oldest !== undefined) oldest.set((nowMs() - dispatcher.oldest.openedMs) / 1_000);
  });
  return {
    proofs: metrics.counter('fleet_proofs_total', 'Proofs that provers of the fleet delivered, by result', ['result']),
    expired: metrics.counter(
      'fleet_leases_expired_total',
      'Chunks that were taken from provers of the fleet: silent, or late as a stranger, by reason',
      ['reason'],
    ),
  };
}
