/** What a way of publishing is: zk.ts, optimistic.ts and hybrid.ts are the three. */

import type { SequencerContext } from '../context.ts';
import type { BatchStates } from './batch-states.ts';
import type { Submissions } from './submissions.ts';

/** Posts and follows batches. */
export interface Poster {
  /** One look: posts what can be posted, makes final what is confirmed. @throws RollupError. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PosterOptions {
  readonly context: SequencerContext;
  readonly states: BatchStates;
  readonly submissions: Submissions;
}
