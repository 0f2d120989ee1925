/** The interface of the three ways of publishing: zk.ts, optimistic.ts and hybrid.ts. */

import type { SequencerContext } from '../context.ts';
import type { BatchStates } from './batch-states.ts';
import type { Patience } from './patience.ts';
import type { SendProofs } from './reproving.ts';
import type { Submissions } from './submissions.ts';

/** Posts batches and follows them to finality. */
export interface Poster {
  /** One pass: posts what can be posted and records as final what is confirmed. @throws RollupError. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PosterOptions {
  readonly context: SequencerContext;
  readonly states: BatchStates;
  readonly submissions: Submissions;
  readonly patience: Patience;
  readonly sendProofs: SendProofs;
}
