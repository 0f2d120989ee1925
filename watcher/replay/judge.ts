/** Replays one batch on a chain of states: a final one must be right, a waiting one gets a verdict. */

import type { FinalizedBatch } from '@quittance/chain';
import {
  isWrongBatch,
  type ReplayCrypto,
  type ReplayDeployment,
  type ReplayedBatch,
  redoChanges,
  replayAssertion,
  replayBatch,
  undoChanges,
} from '@quittance/derivation';
import { type ExecutionState, invariantBroken, RollupError, type StoredHeader } from '@quittance/protocol';
import type { Clock } from '../../runtime/index.ts';
import type { StateChain } from './state-chain.ts';
import { isAssertion, type Submission } from './submissions.ts';
import { type BatchVerdict, conclusiveFault } from './verdict.ts';

export interface JudgeOptions {
  readonly crypto: ReplayCrypto;
  readonly replay: ReplayDeployment;
  readonly clock: Clock;
}

/** Replays a batch whose signatures are vouched for by a proof or by the end of its challenge period. */
async function replayDecided(
  { crypto, replay }: JudgeOptions,
  state: ExecutionState,
  parent: StoredHeader,
  submission: Submission,
): Promise<ReplayedBatch> {
  try {
    return await replayBatch(crypto, state, parent, submission, replay, !isAssertion(submission));
  } catch (error) {
    if (!isWrongBatch(error)) throw error;
    const message = `L1 took batch ${submission.number}, which breaks a rule: ${error.message}`;
    const data = { ...error.data, batch: submission.number, rule: error.code };
    throw new RollupError('LIE_FINAL', message, data, { cause: error });
  }
}

/** Adds a final batch to the chain. @throws RollupError LIE_FINAL when it breaks a rule. */
export async function pushFinal(
  options: JudgeOptions,
  chain: StateChain,
  { headerHash: onL1 }: Pick<FinalizedBatch, 'headerHash'>,
  submission: Submission,
): Promise<void> {
  await chain.push(async (state, parent) => {
    const { header, hash, changes } = await replayDecided(options, state, parent, submission);
    if (hash !== onL1) {
      undoChanges(state, changes);
      // The submission was chosen by this hash.
      const message = `batch ${header.number} has header ${onL1} on L1, its replay has ${hash}`;
      throw invariantBroken(message, { batch: header.number, expected: onL1, actual: hash });
    }
    return { header, changes };
  });
}

/**
 * Judges a waiting batch on the last one of the chain, and adds it unless no proof could make it good.
 *
 * @throws RollupError LIE_FINAL when it was proven and breaks a rule all the same.
 */
export async function judgeWaiting(
  options: JudgeOptions,
  chain: StateChain,
  submission: Submission,
): Promise<BatchVerdict> {
  const { crypto, replay, clock } = options;
  const startMs = clock.nowMs();
  let verdict: BatchVerdict = { faults: new Map(), replaySeconds: 0 };
  await chain.push(async (state, parent) => {
    if (!isAssertion(submission)) return replayDecided(options, state, parent, submission);
    const result = await replayAssertion(crypto, state, parent, submission, replay);
    const faults = result.isRight ? [] : result.faults;
    verdict = {
      faults: new Map(faults.map((fault) => [fault.chunk, fault])),
      replaySeconds: (clock.nowMs() - startMs) / 1_000,
    };
    if (result.isRight) return result.batch;
    // A proof could still make it final, so what follows is judged on the state that it would have.
    if (result.ifProven !== undefined) redoChanges(state, result.ifProven.changes);
    return result.ifProven;
  });
  return verdict;
}

/** How many of these hashes, from the first on, follow the base of a chain. */
export function countCommon(chainHashes: readonly string[], hashes: readonly string[]): number {
  const other = hashes.findIndex((hash, position) => chainHashes[position + 1] !== hash);
  return other < 0 ? hashes.length : other;
}

/** Whether nothing can be said about what follows a batch: it was not judged, or can never become final. */
export function blocksFollowers(verdict: BatchVerdict | undefined): boolean {
  return verdict === undefined || conclusiveFault(verdict) !== undefined;
}

/** Whether a waiting batch can be judged: its parent was replayed, and those before it do not block it. */
export function canJudge(
  chain: StateChain,
  { parentHash }: Pick<StoredHeader, 'parentHash'>,
  before: readonly { readonly verdict: BatchVerdict | undefined }[],
): boolean {
  return chain.headerOf(parentHash) !== undefined && !before.some(({ verdict }) => blocksFollowers(verdict));
}

/** Whether a waiting batch is to be replayed. @param isOnChain whether the chain of states has it. */
export function needsReplay(verdict: BatchVerdict | undefined, isOnChain: boolean): boolean {
  return verdict === undefined || (!isOnChain && conclusiveFault(verdict) === undefined);
}
