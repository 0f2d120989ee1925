/** Updates the metrics from a report. */

import type { Clock } from '../runtime/index.ts';
import type { Connection } from './connect.ts';
import type { WatcherMeasurements } from './monitoring/measurements.ts';
import { VERDICTS } from './replay/verdict.ts';
import type { WatchReport } from './report.ts';

/** Own bonds on L1, in wei: those of disputes that are not settled and not lost, and of batches that wait. */
export function stakedWei(
  { waiting, disputes }: Pick<WatchReport, 'waiting' | 'disputes'>,
  { constants, isOurs }: Pick<Connection, 'constants' | 'isOurs'>,
): bigint {
  const open = disputes.filter(
    ({ side, phase }) => side === 'disputer' && (phase === 'running' || phase === 'refundable'),
  );
  const own = waiting.filter(({ asserter }) => isOurs(asserter));
  return BigInt(open.length) * constants.disputeBond + BigInt(own.length) * constants.assertionBond;
}

/** Measures reports. What was counted once is not counted again. */
export function createMeasurer(
  measurements: WatcherMeasurements,
  connection: Pick<Connection, 'constants' | 'isOurs'>,
  clock: Clock,
): (report: WatchReport) => void {
  let judged = new Set<string>();
  return (report) => {
    const { head, removedBlocks, finalBatch, waiting, disputes } = report;
    measurements.lastLook.set(clock.nowMs() / 1_000);
    measurements.stakedWei.set(Number(stakedWei(report, connection)));
    measurements.polls.add(1, { result: 'done' });
    measurements.l1Block.set(head.number);
    measurements.headAge.set(clock.nowMs() / 1_000 - head.timestamp);
    measurements.reorgs.add(removedBlocks);
    measurements.batches.set(finalBatch, { state: 'final' });
    measurements.batches.set(waiting.at(-1)?.number ?? finalBatch, { state: 'waiting' });
    for (const verdict of VERDICTS) {
      measurements.waiting.set(waiting.filter((batch) => batch.verdict === verdict).length, { verdict });
    }
    measurements.disputes.set(disputes.filter(({ phase }) => phase !== 'settled').length);
    const seen = new Set<string>();
    for (const { assertionId, headerHash, replaySeconds, faults } of waiting) {
      if (replaySeconds === undefined) continue;
      const key = `${assertionId}:${headerHash}`;
      seen.add(key);
      if (judged.has(key)) continue;
      measurements.replaySeconds.observe(replaySeconds);
      for (const { rule } of faults) measurements.lies.add(1, { rule });
    }
    judged = seen;
  };
}
