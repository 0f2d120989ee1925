/**
 * Keeps the state after the last final batch and after each waiting one, and judges the waiting ones. Final batches beyond
 * the reach of a reorg become the checkpoint on disk.
 */

import type { AssertionStatus } from '@quittance/chain';
import type { ReplayDeployment } from '@quittance/derivation';
import { type Crypto, isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { KnownAssertion, L1Model } from '../follow/model.ts';
import type { PendingBatch } from '../follow/pending.ts';
import type { WatcherStore } from '../store/store.ts';
import { moveCheckpoint, openChain } from './base.ts';
import { blocksFollowers, countCommon, judgeWaiting, needsReplay, pushFinal } from './judge.ts';
import type { StateChain } from './state-chain.ts';
import type { Submissions } from './submissions.ts';
import type { BatchVerdict } from './verdict.ts';

/** A waiting batch with what the replay found. */
export interface WaitingBatch {
  readonly assertion: KnownAssertion;
  readonly status: AssertionStatus;
  /** Undefined when it could not be replayed. */
  readonly verdict: BatchVerdict | undefined;
  /** Why the replay failed, if it was due. */
  readonly failure?: string;
}

/** Replays and judges. */
export interface Verifier {
  /** Forgets what is in memory: L1 was read again from the start. */
  reset(): void;
  /**
   * Replays all final batches of the model. @returns the state chain, whose last final batch is the model's.
   *
   * @throws RollupError LIE_FINAL when a lie became final, NO_DEPLOYMENT when the deployment is not in the model.
   */
  followFinal(model: L1Model, headNumber: number, signal?: AbortSignal): Promise<StateChain>;
  /** Judges the waiting batches, which are in order. Those behind a lie that nothing can make good have no verdict. */
  judge(pending: readonly PendingBatch[], signal?: AbortSignal): Promise<WaitingBatch[]>;
}

export interface VerifierOptions {
  readonly crypto: Crypto;
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
      const submission = await submissions.ofAssertion(assertion, status, at.headerOf(header.parentHash)!);
      at.rewindTo(header.parentHash);
      const verdict = judgeWaiting(options, at, submission);
      if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
      verdicts.set(key, verdict);
      return { verdict };
    } catch (error) {
      if (signal?.aborted === true || endsAll(error)) throw error;
      // A batch that cannot be replayed, for whatever reason, must not keep others from being disputed or answered.
      logger.error('a waiting batch cannot be replayed', { batch: header.number, headerHash: hash, error });
      return { verdict: undefined, failure: (error as Error).message };
    }
  }

  return {
    reset() {
      chain = undefined;
      verdicts.clear();
    },
    async followFinal(model, headNumber, signal) {
      chain ??= openChain(crypto.hasher, store, model);
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
        pushFinal(options, at, batch, await submissions.ofFinal(batch, model, at.tip));
        done += 1;
        if (done % CHECKPOINT_EVERY === 0) {
          logger.info('replayed final batches', { batch: batch.header.number, left: finals.length - done });
          moveCheckpoint(store, at, finals, headNumber);
        }
      }
      moveCheckpoint(store, at, finals, headNumber);
      return at;
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
