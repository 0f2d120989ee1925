/** Metrics of the state at the moment of a print: they are read when somebody asks, and cost nothing in between. */

import type { Metrics } from '../runtime/index.ts';
import { unixSeconds } from '../runtime/index.ts';
import type { SequencerContext } from './context.ts';
import type { Parts } from './parts.ts';
import { executedOnL1, firstDeadlineOf } from './publisher/patience.ts';
import type { SyncStatus } from './sequencer.ts';

export interface GaugeOptions {
  readonly context: SequencerContext;
  readonly parts: {
    readonly publisher: Pick<Parts['publisher'], 'unprovenCount'>;
    readonly intake: Pick<Parts['intake'], 'waitingCount'>;
  };
  readonly status: () => SyncStatus;
}

/** Registers the gauges of bonds, in modes that need them. @returns how they are set. */
function createBondGauges(metrics: Metrics, { storage, optimistic }: SequencerContext): () => void {
  const posted = metrics.gauge('bonds_posted_wei', 'Bonds of batches that wait on L1');
  const atRisk = metrics.gauge('bonds_at_risk_wei', 'Bonds of batches that are disputed');
  const bond = Number(optimistic?.terms.assertionBond ?? 0n);
  return () => {
    const { batches } = storage;
    const first = (batches.lastFinal()?.number ?? 0) + 1;
    const waiting = optimistic === undefined ? [] : batches.range(first, batches.lastPosted()?.number ?? 0);
    const countOf = (state: string) => waiting.filter((batch) => batch.state === state).length;
    posted.set(bond * (countOf('posted') + countOf('disputed')));
    atRisk.set(bond * countOf('disputed'));
  };
}

/** Registers the gauges of the priority queue. @returns how they are set. */
function createQueueGauges(metrics: Metrics, { storage, clock }: SequencerContext): () => void {
  const pending = metrics.gauge('priority_pending_count', 'Requests of L1 that no batch on L1 executes yet');
  const deadline = metrics.gauge(
    'priority_deadline_seconds',
    'Seconds until the oldest of them is due, less than 0 when it is overdue; missing when there is none',
  );
  return () => {
    pending.set(storage.priority.count() - executedOnL1(storage));
    const first = firstDeadlineOf(storage);
    deadline.reset();
    if (first !== undefined) deadline.set(first - unixSeconds(clock));
  };
}

/** Registers the gauges of batches. @returns how they are set. */
function createBatchGauges(
  metrics: Metrics,
  { storage, clock, measurements }: SequencerContext,
): (now: SyncStatus) => void {
  const unposted = metrics.gauge(
    'oldest_unposted_seconds',
    'Seconds since the oldest batch that is not on L1 was sealed; missing when all are',
  );
  const unfinal = metrics.gauge(
    'oldest_unfinal_seconds',
    'Seconds since the oldest batch that is not final was sealed; missing when all are',
  );
  const showAge = (gauge: typeof unposted, number: number): void => {
    gauge.reset();
    const batch = storage.batches.get(number);
    if (batch !== undefined) gauge.set((clock.nowMs() - batch.sealedMs) / 1_000);
  };
  return ({ sealedBatch, postedBatch, finalBatch }) => {
    measurements.batches.set(sealedBatch, { state: 'sealed' });
    measurements.batches.set(postedBatch, { state: 'posted' });
    measurements.batches.set(finalBatch, { state: 'final' });
    showAge(unposted, postedBatch + 1);
    showAge(unfinal, finalBatch + 1);
  };
}

/** Registers all gauges, which show the state at each print of `metrics`. */
export function createGauges(metrics: Metrics, { context, parts, status }: GaugeOptions): void {
  const { config } = context;
  const showBonds = createBondGauges(metrics, context);
  const showQueue = createQueueGauges(metrics, context);
  const showBatches = createBatchGauges(metrics, context);
  const headAge = metrics.gauge('l1_head_age_seconds', 'Age of the latest L1 block read');
  const unposted = metrics.gauge('unposted_transfers_count', 'Accepted transfers that are not on L1');
  const mostUnposted = metrics.gauge(
    'unposted_transfers_limit_count',
    'How many may wait for L1 before all are refused',
  );
  const waiting = metrics.gauge('intake_waiting_count', 'Transfers that wait to be checked');
  const proofs = metrics.gauge('proof_queue_count', 'Chunks that wait for their proof, those in progress included');
  const halted = metrics.gauge('halted_info', '1 by code once nothing more is accepted or posted; else missing', [
    'code',
  ]);
  const trouble = metrics.gauge(
    'trouble_info',
    '1 by code while posting fails or transfers are refused; else missing',
    ['code'],
  );
  metrics.onPrint(() => {
    const now = status();
    showBonds();
    showQueue();
    showBatches(now);
    headAge.set(now.l1AgeSeconds ?? 0);
    unposted.set(now.unpostedTransfers);
    mostUnposted.set(config.maxUnpostedTransfers);
    waiting.set(parts.intake.waitingCount);
    proofs.set(parts.publisher.unprovenCount);
    halted.reset();
    trouble.reset();
    if (now.halted !== undefined) halted.set(1, { code: now.halted.code });
    if (now.trouble !== undefined) trouble.set(1, { code: now.trouble.code });
  });
}
