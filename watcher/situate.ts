/** Where everything stands that a move can concern. */

import type { BlockReference } from '@quittance/chain';
import { isWrongBatch } from '@quittance/derivation';
import { isPassing, isRollupError } from '@quittance/protocol';
import { observe } from './dispute/observe.ts';
import type { CommitmentPhase, L1Time } from './dispute/phases.ts';
import type { Situation } from './dispute/situation.ts';
import type { L1Model } from './follow/model.ts';
import type { LookParts } from './parts.ts';
import type { StateChain } from './replay/state-chain.ts';
import type { WaitingBatch } from './replay/verifier.ts';

/** The time on L1. A chain that makes blocks on demand stands still between transactions. */
export function l1Time({ timestamp }: Pick<BlockReference, 'timestamp'>, nowMs: number): L1Time {
  return { block: timestamp, now: Math.max(timestamp, Math.floor(nowMs / 1_000)) };
}

/** Whether an error concerns one step only: what L1 says of its batch, or what is in it. */
const isAboutStep = (error: unknown): boolean =>
  isWrongBatch(error) || (isPassing(error) && !isRollupError(error, 'L1_UNREACHABLE'));

/** Where our commitment to a step stands. A step that cannot be prepared must not hide everything else. */
export async function commitmentPhase(
  { connection, steps, logger }: Pick<LookParts, 'connection' | 'steps' | 'logger'>,
  assertionId: bigint,
  chunk: number,
): Promise<CommitmentPhase> {
  if (connection.chain === undefined) return 'none';
  try {
    return await steps.commitmentPhase(assertionId, chunk);
  } catch (error) {
    if (!isAboutStep(error)) throw error;
    logger.error('a step cannot be prepared', { assertionId, chunk, error });
    return 'none';
  }
}

/** What was read and replayed of L1. */
export interface LookView {
  readonly head: BlockReference;
  readonly model: L1Model;
  readonly chain: StateChain;
  readonly waiting: readonly WaitingBatch[];
}

/** Reads the situation from L1, and sets the view on which its steps are prepared. @throws RollupError L1_UNREACHABLE. */
export function situationOf(parts: LookParts, { head, model, chain: states, waiting }: LookView): Promise<Situation> {
  const { connection, steps, clock } = parts;
  const { reader, assertions, constants, chain } = connection;
  steps.look({ chain: states, model, headNumber: head.number });
  return observe({
    ...{ reader, assertions, constants, model, waiting, account: chain?.account, time: l1Time(head, clock.nowMs()) },
    commitmentOf: ({ assertion }, chunk) => commitmentPhase(parts, assertion.assertionId, chunk),
  });
}
