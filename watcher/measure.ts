/** Updates the metrics from a report. */

import type { Clock } from '../runtime/index.ts';
import type { WatcherMeasurements } from './monitoring/measurements.ts';
import { VERDICTS } from './replay/verdict.ts';
import type { WatchReport } from './report.ts';

/** Measures reports. What was counted once is not counted again. */
export function createMeasurer(measurements: WatcherMeasurements, clock: Clock): (report: WatchReport) => void {
  let judged = new Set<string>();
  return ({ head, removedBlocks, finalBatch, waiting, disputes }) => {
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
