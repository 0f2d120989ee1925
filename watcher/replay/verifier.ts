/**
 * Keeps the state after the last final batch and after each waiting one, and judges the waiting ones. Final batches beyond
 * the reach of a reorg become the checkpoint on disk.
 */

import type { AssertionStatus } from '@quittance/chain';
import type { ReplayCrypto, ReplayDeployment } from '@quittance/derivation';
import { isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { KnownAssertion, L1Model } from '../follow/model.ts';
import type { PendingBatch } from '../follow/pending.ts';
import type { WatcherStore } from '../store/store.ts';
import { openChain } from './base.ts';
import { replayFinals } from './finals.ts';
import { canJudge, judgeWaiting, needsReplay } from './judge.ts';
import type { BlobsLacking } from './look-blobs.ts';
import type { StateChain } from './state-chain.ts';
import type { Submissions } from './submissions.ts';
import { type BatchVerdict, isContested } from './verdict.ts';

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
  /** Why it is not the model's: its blobs are not here. */
  readonly missing?: BlobsLacking;
}

/** Replays and judges. */
export interface Verifier {
  /** Forgets what is in memory: L1 was read again from the start. */
  reset(): void;
  /**
   * The chain as it is, from the checkpoint on if there is none yet.
   *
   * @throws RollupError NO_DEPLOYMENT when the deployment is not in the model, LIE_FINAL, DATABASE_DAMAGED.
   */
  open(model: L1Model): StateChain;
  /**
   * Replays the final batches of the model, up to the first whose blobs are not here at present.
   *
   * @throws RollupError LIE_FINAL when a lie became final, NO_DEPLOYMENT when the deployment is not in the model.
   */
  followFinal(model: L1Model, headNumber: number, signal?: AbortSignal): Promise<FollowedFinals>;
  /** Judges the waiting batches, which are in order. Those behind a lie that nothing can make good have no verdict. */
  judge(pending: readonly PendingBatch[], signal?: AbortSignal): Promise<WaitingBatch[]>;
  /** What earlier looks found of the waiting batches: reads and replays nothing. */
  recall(pending: readonly PendingBatch[]): WaitingBatch[];
}

export interface VerifierOptions {
  readonly crypto: ReplayCrypto;
  readonly replay: ReplayDeployment;
  readonly submissions: Submissions;
  readonly store: WatcherStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Verdicts kept in memory: several times as many as batches can wait. */
const MAX_VERDICTS = 1_024;

/** Errors that concern more than one batch: L1 accepts false proofs, or our own state is wrong. */
const endsAll = (error: unknown): boolean =>
  isRollupError(error, 'LIE_FINAL') || isRollupError(error, 'INVARIANT_BROKEN');

const keyOf = ({ assertion, status }: PendingBatch): string => `${assertion.headerHash}:${status.contentHash}`;

/** A verifier over the database's checkpoint. */
export function createVerifier(options: VerifierOptions): Verifier {
  const { crypto, submissions, store, logger } = options;
  let chain: StateChain | undefined;
  const verdicts = new Map<string, BatchVerdict>();

  /** What needs no replay; undefined for the rest. */
  function known(at: StateChain, batch: PendingBatch): BatchVerdict | undefined {
    const verdict = verdicts.get(keyOf(batch));
    return needsReplay(verdict, at.has(batch.assertion.headerHash)) ? undefined : verdict;
  }

  /** The verdict on a batch whose parent the chain has. @throws what ends the whole look. */
  async function judgeOne(at: StateChain, batch: PendingBatch, signal: AbortSignal | undefined) {
    const { assertion, status } = batch;
    const { header, headerHash: hash } = assertion;
    const before = known(at, batch);
    if (before !== undefined) {
      if (isContested(before, status)) submissions.keep(assertion, status);
      return { verdict: before };
    }
    try {
      const submission = await submissions.ofAssertion(assertion, status, at.headerOf(header.parentHash)!, signal);
      at.rewindTo(header.parentHash);
      const verdict = await judgeWaiting(options, at, submission);
      if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
      verdicts.set(keyOf(batch), verdict);
      return { verdict };
    } catch (error) {
      if (signal?.aborted === true || endsAll(error)) throw error;
      // A batch that cannot be replayed, for whatever reason, must not keep others from being disputed or answered.
      if (isRollupError(error, 'BLOB_LATE')) logger.info(error.message, { batch: header.number });
      else logger.error('a waiting batch cannot be replayed', { batch: header.number, headerHash: hash, error });
      return { verdict: undefined, failure: error as Error };
    }
  }

  function open(model: L1Model): StateChain {
    chain ??= openChain(crypto.engine, store, model);
    return chain;
  }

  return {
    open,
    reset() {
      chain = undefined;
      verdicts.clear();
    },
    async followFinal(model, headNumber, signal) {
      const at = open(model);
      const missing = await replayFinals(options, { chain: at, model, headNumber }, signal);
      return { chain: at, ...(missing && { missing }) };
    },
    async judge(pending, signal) {
      const at = chain!;
      const result: WaitingBatch[] = [];
      for (const batch of pending) {
        signal?.throwIfAborted();
        const judged = canJudge(at, batch.assertion.header, result)
          ? await judgeOne(at, batch, signal)
          : { verdict: undefined };
        result.push({ ...batch, ...judged });
      }
      return result;
    },
    recall(pending) {
      const result: WaitingBatch[] = [];
      for (const batch of pending) {
        const isKnown = chain !== undefined && canJudge(chain, batch.assertion.header, result);
        result.push({ ...batch, verdict: isKnown ? known(chain!, batch) : undefined });
      }
      return result;
    },
  };
}
