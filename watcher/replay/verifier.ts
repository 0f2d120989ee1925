/**
 * Keeps the state after the last final batch and after each waiting one, and judges the waiting ones. Final batches beyond
 * the reach of a reorg become the checkpoint on disk.
 */

import type { AssertionStatus } from '@quittance/chain';
import type { ReplayCrypto, ReplayDeployment } from '@quittance/derivation';
import { isRollupError, type RollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { KnownAssertion, L1Model } from '../follow/model.ts';
import type { PendingBatch } from '../follow/pending.ts';
import type { WatcherStore } from '../store/store.ts';
import { moveCheckpoint, openChain } from './base.ts';
import { blocksFollowers, countCommon, judgeWaiting, needsReplay, pushFinal } from './judge.ts';
import type { StateChain } from './state-chain.ts';
import type { Submission, Submissions } from './submissions.ts';
import type { BatchVerdict } from './verdict.ts';

/** A waiting batch with what the replay found. */
export interface WaitingBatch {
  readonly assertion: KnownAssertion;
  readonly status: AssertionStatus;
  /** Undefined when it could not be replayed. */
  readonly verdict: BatchVerdict | undefined;
  /** Why the replay failed, if it was due. */
  readonly failure?: Error;
}

/** How far the final batches were replayed. */
export interface FollowedFinals {
  /** Its last final batch is the model's, or the one before the first without blobs. */
  readonly chain: StateChain;
  /** Why it is not the model's: no source had its blobs. */
  readonly missing?: RollupError<'BLOB_UNAVAILABLE'>;
}

/** Replays and judges. */
export interface Verifier {
  /** Forgets what is in memory: L1 was read again from the start. */
  reset(): void;
  /**
   * Replays the final batches of the model, up to the first whose blobs are nowhere to be had at present.
   *
   * @throws RollupError LIE_FINAL when a lie became final, NO_DEPLOYMENT when the deployment is not in the model.
   */
  followFinal(model: L1Model, headNumber: number, signal?: AbortSignal): Promise<FollowedFinals>;
  /** Judges the waiting batches, which are in order. Those behind a lie that nothing can make good have no verdict. */
  judge(pending: readonly PendingBatch[], signal?: AbortSignal): Promise<WaitingBatch[]>;
}

export interface VerifierOptions {
  readonly crypto: ReplayCrypto;
  readonly replay: ReplayDeployment;
  readonly submissions: Submissions;
  readonly store: WatcherStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Final batches between two writes of the checkpoint while catching up. */
const CHECKPOINT_EVERY = 32;
/** Verdicts kept in memory: several times as many as batches can wait. */
const MAX_VERDICTS = 1_024;

/** Errors that concern more than one batch: L1 accepts false proofs, or our own state is wrong. */
const endsAll = (error: unknown): boolean =>
  isRollupError(error, 'LIE_FINAL') || isRollupError(error, 'INVARIANT_BROKEN');

/** The batch, or why its blobs are not there: a passing state, in which all that needs no replay goes on. */
async function orMissing(submission: Promise<Submission>): Promise<Submission | RollupError<'BLOB_UNAVAILABLE'>> {
  try {
    return await submission;
  } catch (error) {
    if (isRollupError(error, 'BLOB_UNAVAILABLE')) return error;
    throw error;
  }
}

/** A verifier over the database's checkpoint. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { crypto, submissions, store, logger } = options;
  let chain: StateChain | undefined;
  const verdicts = new Map<string, BatchVerdict>();

  /** The verdict on a batch whose parent the chain has. @throws what ends the whole look. */
  async function judgeOne(at: StateChain, { assertion, status }: PendingBatch, signal: AbortSignal | undefined) {
    const { header, headerHash: hash } = assertion;
    const key = `${hash}:${status.contentHash}`;
    const known = verdicts.get(key);
    if (!needsReplay(known, at.has(hash))) return { verdict: known };
    try {
      const submission = await submissions.ofAssertion(assertion, status, at.headerOf(header.parentHash)!, signal);
      at.rewindTo(header.parentHash);
      const verdict = await judgeWaiting(options, at, submission);
      if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
      verdicts.set(key, verdict);
      return { verdict };
    } catch (error) {
      if (signal?.aborted === true || endsAll(error)) throw error;
      // A batch that cannot be replayed, for whatever reason, must not keep others from being disputed or answered.
      logger.error('a waiting batch cannot be replayed', { batch: header.number, headerHash: hash, error });
      return { verdict: undefined, failure: error as Error };
    }
  }

  return {
    reset() {
      chain = undefined;
      verdicts.clear();
    },
    async followFinal(model, headNumber, signal) {
      chain ??= openChain(crypto.engine, store, model);
      const at = chain;
      const finals = model.finals.filter(({ header }) => header.number > at.base.number);
      const hashes = at.hashes();
      let done = countCommon(
        hashes,
        finals.map(({ headerHash: hash }) => hash),
      );
      // What waits on the last final batch may stay; whoever judges it takes back what is not on the way to it.
      if (done < finals.length) at.rewindTo(hashes[done]!);
      for (const batch of finals.slice(done)) {
        signal?.throwIfAborted();
        const submission = await orMissing(submissions.ofFinal(batch, model, at.tip, signal));
        if (isRollupError(submission)) return { chain: at, missing: submission };
        await pushFinal(options, at, batch, submission);
        done += 1;
        if (done % CHECKPOINT_EVERY === 0) {
          logger.info('replayed final batches', { batch: batch.header.number, left: finals.length - done });
          moveCheckpoint(store, at, finals, headNumber);
        }
      }
      moveCheckpoint(store, at, finals, headNumber);
      return { chain: at };
    },
    async judge(pending, signal) {
      const at = chain!;
      const result: WaitingBatch[] = [];
      for (const batch of pending) {
        signal?.throwIfAborted();
        const isReplayable = at.headerOf(batch.assertion.header.parentHash) !== undefined;
        const isBlocked = result.some(({ verdict }) => blocksFollowers(verdict));
        result.push({
          ...batch,
          ...(isReplayable && !isBlocked ? await judgeOne(at, batch, signal) : { verdict: undefined }),
        });
      }
      return result;
    },
  };
}
