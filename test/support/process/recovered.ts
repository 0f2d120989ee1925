/** What a recovery bench finds when all is well. */

import type { RecoverResult } from '../../../scripts/bench/parts/recover/result.ts';

const WENT_ON = { rootsEqual: true, goesOn: true, executedAgain: 0, unknown: 20, unknownTaken: 20 };

export const RECOVERED: RecoverResult = {
  batches: 100,
  transfers: 2_000,
  fromL1: {
    ...WENT_ON,
    ...{ seconds: 4, secondsPerBatch: 0.04, peakBytes: 2e8, resumed: true, unlisted: 2_000 },
    ...{ knownThroughBatch: 100, knownThroughTime: 1_800_000_000 },
  },
  fromCopy: { ...WENT_ON, copySeconds: 1, copyBytes: 600_000, seconds: 2, adopted: 50 },
  fromJournal: {
    ...{ batches: 101, seconds: 12, acknowledged: 9_000, lost: 0, doubled: 0, headersEqual: true, goesOn: true },
  },
};
