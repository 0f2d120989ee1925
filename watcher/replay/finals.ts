/** Replays the final batches of L1 on the chain of states. */

import type { Logger } from '../../runtime/index.ts';
import type { L1Model } from '../follow/model.ts';
import type { WatcherStore } from '../store/store.ts';
import { moveCheckpoint } from './base.ts';
import { countCommon, type JudgeOptions, pushFinal } from './judge.ts';
import { type BlobsLacking, lacksBlobs, orLacking } from './look-blobs.ts';
import type { StateChain } from './state-chain.ts';
import type { Submissions } from './submissions.ts';

/** Final batches between two writes of the checkpoint while catching up. */
const CHECKPOINT_EVERY = 32;

export interface FinalsOptions extends JudgeOptions {
  readonly submissions: Submissions;
  readonly store: WatcherStore;
  readonly logger: Logger;
}

/** What is replayed, and on what. */
export interface FinalsView {
  readonly chain: StateChain;
  readonly model: L1Model;
  readonly headNumber: number;
}

/**
 * Brings the chain to the last final batch of the model, or to the one before the first without blobs.
 *
 * @returns why it is not the last. @throws RollupError LIE_FINAL when a lie became final.
 */
export async function replayFinals(
  options: FinalsOptions,
  { chain, model, headNumber }: FinalsView,
  signal: AbortSignal | undefined,
): Promise<BlobsLacking | undefined> {
  const { submissions, store, logger } = options;
  const finals = model.finals.filter(({ header }) => header.number > chain.base.number);
  const hashes = chain.hashes();
  let done = countCommon(
    hashes,
    finals.map(({ headerHash }) => headerHash),
  );
  // What waits on the last final batch may stay; whoever judges it takes back what is not on the way to it.
  if (done < finals.length) chain.rewindTo(hashes[done]!);
  let missing: BlobsLacking | undefined;
  for (const batch of finals.slice(done)) {
    signal?.throwIfAborted();
    const submission = await orLacking(submissions.ofFinal(batch, model, chain.tip, signal));
    if (lacksBlobs(submission)) {
      missing = submission;
      break;
    }
    await pushFinal(options, chain, batch, submission);
    done += 1;
    if (done % CHECKPOINT_EVERY === 0) {
      logger.info('replayed final batches', { batch: batch.header.number, left: finals.length - done });
      moveCheckpoint(store, chain, finals, headNumber);
    }
  }
  moveCheckpoint(store, chain, finals, headNumber);
  return missing;
}
