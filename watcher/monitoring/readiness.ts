/** Whether a watcher has seen all that L1 has, and why not. */

import { isRollupError } from '@quittance/protocol';
import { type Clock, type Readiness, redact } from '../../runtime/index.ts';
import type { WatchReport } from '../report.ts';

/** Follows the looks of one watcher. */
export interface ReadinessFollower {
  looked(report: Pick<WatchReport, 'isSynced' | 'failures' | 'head'>): void;
  failed(error: unknown): void;
  state(): Readiness;
}

/** A look that takes longer than this hangs, whatever the last one said. */
export const STALE_AFTER_MS = 300_000;

function notReady(reason: string, message: string): Readiness {
  return { ready: false, reason, message };
}

/** Why a look did not see everything. */
function failureOf(error: unknown): Readiness {
  const message = String(redact(error instanceof Error ? error.message : String(error)));
  return notReady(isRollupError(error) ? error.code : 'FAILED', message);
}

/** Before the first look nothing is known. */
export function createReadiness(clock: Clock): ReadinessFollower {
  let state = notReady('STARTING', 'the first look at L1 is not done');
  let lookedMs: number | undefined;
  return {
    looked({ isSynced, failures, head }) {
      lookedMs = clock.nowMs();
      const [failure] = failures;
      if (isSynced) state = { ready: true };
      else if (failure !== undefined) state = failureOf(failure);
      else state = notReady('CATCHING_UP', `L1 is read up to block ${head.number}, and not everything is judged yet`);
    },
    failed(error) {
      state = failureOf(error);
    },
    state() {
      const ageMs = lookedMs === undefined ? 0 : clock.nowMs() - lookedMs;
      if (!state.ready || ageMs <= STALE_AFTER_MS) return state;
      return notReady('STALE', `the last look at L1 ended ${Math.floor(ageMs / 1_000)} s ago`);
    },
  };
}
