/**
 * Keeps the state of the last final batch and of those that wait on it, and judges each. Final batches that are too deep
 * for a reorg become the checkpoint on disk.
 */

import type { AssertionStatus, FinalizedBatch } from '@quittance/chain';
import {
  isWrongBatch,
  type ReplayDeployment,
  type ReplayedBatch,
  redoChanges,
  replayAssertion,
  replayBatch,
} from '@quittance/derivation';
import {
  type Crypto,
  invariantBroken,
  isRollupError,
  RollupError,
  type RollupState,
  type StoredHeader,
} from '@quittance/protocol';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { KnownAssertion, L1Model } from '../follow/model.ts';
import type { PendingBatch } from '../follow/pending.ts';
import type { WatcherStore } from '../store/store.ts';
import { moveCheckpoint, openChain } from './base.ts';
import type { StateChain } from './state-chain.ts';
import { isAssertion, type Submission, type Submissions } from './submissions.ts';
import { type BatchVerdict, conclusiveFault } from './verdict.ts';

/** A waiting batch with what the replay found. */
export interface WaitingBatch {
  readonly assertion: KnownAssertion;
  readonly status: AssertionStatus;
  /** Undefined when it could not be replayed. */
  readonly verdict: BatchVerdict | undefined;
  /** Why it could not, if it should have been. */
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
/** Verdicts that are remembered: all that can wait, several times. */
const MAX_VERDICTS = 1_024;

/** What is no matter of one batch: the proofs of L1 are worth nothing, or our own state is not what it should be. */
const endsAll = (error: unknown): boolean =>
  isRollupError(error, 'LIE_FINAL') || isRollupError(error, 'INVARIANT_BROKEN');

/** A verifier over the database's checkpoint. */
export function createVerifier({ crypto, replay, submissions, store, clock, logger }: VerifierOptions): Verifier {
  let chain: StateChain | undefined;
  const verdicts = new Map<string, BatchVerdict>();

  /** Takes back what is not on the way to these hashes. @returns how many of them the chain has. */
  function align(at: StateChain, hashes: readonly string[]): number {
    const known = at.hashes();
    let common = 0;
    while (common < hashes.length && known[common + 1] === hashes[common]) common += 1;
    // What waits on the last final batch may stay; whoever judges it aligns again.
    if (common < hashes.length) at.rewindTo(known[common]!);
    return common;
  }

  /** A batch whose signatures a proof or the end of its challenge period stands for. */
  function replayDecided(state: RollupState, parent: StoredHeader, submission: Submission): ReplayedBatch {
    try {
      return replayBatch(crypto, state, parent, submission, replay, !isAssertion(submission));
    } catch (error) {
      if (!isWrongBatch(error)) throw error;
      const message = `L1 took batch ${submission.number}, which breaks a rule: ${error.message}`;
      const data = { ...error.data, batch: submission.number, rule: error.code };
      throw new RollupError('LIE_FINAL', message, data, { cause: error });
    }
  }

  async function pushFinal(at: StateChain, batch: FinalizedBatch, model: L1Model): Promise<void> {
    const submission = await submissions.ofFinal(batch, model, at.tip);
    at.push((state, parent) => {
      const { header, hash } = replayDecided(state, parent, submission);
      if (hash !== batch.headerHash) {
        // The submission was chosen by this hash.
        const message = `batch ${header.number} has header ${batch.headerHash} on L1, its replay has ${hash}`;
        throw invariantBroken(message, { batch: header.number, expected: batch.headerHash, actual: hash });
      }
      return header;
    });
  }

  function judgeOne(at: StateChain, submission: Submission): BatchVerdict {
    const startMs = clock.nowMs();
    let verdict: BatchVerdict = { faults: new Map(), replaySeconds: 0 };
    at.push((state, parent) => {
      if (!isAssertion(submission)) return replayDecided(state, parent, submission).header;
      const result = replayAssertion(crypto, state, parent, submission, replay);
      const faults = result.isRight ? [] : result.faults;
      verdict = {
        faults: new Map(faults.map((fault) => [fault.chunk, fault])),
        replaySeconds: (clock.nowMs() - startMs) / 1_000,
      };
      if (result.isRight) return result.batch.header;
      // A proof could still make it final, so what follows is judged on the state that it would have.
      if (result.ifProven !== undefined) redoChanges(state, result.ifProven.changes);
      return result.ifProven?.header;
    });
    return verdict;
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
      let done = align(
        at,
        finals.map(({ headerHash: hash }) => hash),
      );
      for (const batch of finals.slice(done)) {
        signal?.throwIfAborted();
        await pushFinal(at, batch, model);
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
      for (const { assertion, status } of pending) {
        signal?.throwIfAborted();
        const { header, headerHash: hash } = assertion;
        const parent = at.headerOf(header.parentHash);
        const isBlocked = result.some(({ verdict }) => verdict === undefined || conclusiveFault(verdict) !== undefined);
        if (parent === undefined || isBlocked) {
          result.push({ assertion, status, verdict: undefined });
          continue;
        }
        const key = `${hash}:${status.contentHash}`;
        let verdict = verdicts.get(key);
        if (verdict === undefined || (!at.has(hash) && conclusiveFault(verdict) === undefined)) {
          try {
            const submission = await submissions.ofAssertion(assertion, status, parent);
            at.rewindTo(header.parentHash);
            verdict = judgeOne(at, submission);
          } catch (error) {
            if (signal?.aborted === true || endsAll(error)) throw error;
            // A batch that cannot be replayed, for whatever reason, must not keep others from being disputed or answered.
            logger.error('a waiting batch cannot be replayed', { batch: header.number, headerHash: hash, error });
            result.push({ assertion, status, verdict: undefined, failure: (error as Error).message });
            continue;
          }
          if (verdicts.size >= MAX_VERDICTS) verdicts.clear();
          verdicts.set(key, verdict);
        }
        result.push({ assertion, status, verdict });
      }
      return result;
    },
  };
}
