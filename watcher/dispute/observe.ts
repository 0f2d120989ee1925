/** Reads the current state of everything from L1. The contract's views decide; the model only says what to ask for. */

import type { AssertionConstants, AssertionStatus, ChunkDisputesStatus } from '@quittance/chain';
import { disputedChunks, isSameAddress } from '@quittance/protocol';
import { batchVerdict, chunksToDispute, chunkVerdict } from '../replay/verdict.ts';
import type { WaitingBatch } from '../replay/verifier.ts';
import { putBehind } from './behind.ts';
import type { ChunkPhase } from './chunk-table.ts';
import { type ObserveDisputesOptions, observeDisputes } from './observe-disputes.ts';
import { assertionPhase, type CommitmentPhase, chunkPhase, isReady } from './phases.ts';
import type { AssertionCase, ChunkCase, Situation } from './situation.ts';

export interface ObserveOptions extends ObserveDisputesOptions {
  /** In the order of batch numbers. */
  readonly waiting: readonly WaitingBatch[];
  /** Where our commitment to the wrong step of an answered chunk stands. */
  readonly commitmentOf: (batch: WaitingBatch, chunk: number) => Promise<CommitmentPhase>;
}

function deadlineOf(
  { challengePeriodSeconds, answerWindowSeconds }: AssertionConstants,
  { assertedAt }: AssertionStatus,
  disputes: ChunkDisputesStatus | undefined,
  phase: ChunkPhase,
): number | undefined {
  if (phase === 'open') return assertedAt + challengePeriodSeconds;
  const isAwaiting = phase === 'awaiting' || phase === 'expiring';
  return isAwaiting && disputes !== undefined ? disputes.firstDisputeAt + answerWindowSeconds : undefined;
}

/** The cases of one waiting batch, and whether it can be made final as far as its own clocks go. */
async function observeWaiting(options: ObserveOptions, batch: WaitingBatch) {
  const { assertions, constants, model, time, account, commitmentOf } = options;
  const { assertion, status, verdict } = batch;
  const { assertionId, headerHash, header, asserter, blockNumber } = assertion;
  const disputed = disputedChunks(status);
  const disputes = new Map(
    await Promise.all(
      disputed.map(async (chunk) => [chunk, await assertions.chunkDisputes(assertionId, chunk)] as const),
    ),
  );
  const interesting = new Set([...disputed, ...(verdict === undefined ? [] : chunksToDispute(verdict))]);
  const isOurs = (other: string) => account !== undefined && isSameAddress(account, other);
  const cases: ChunkCase[] = [];
  for (const chunk of [...interesting].sort((one, other) => one - other)) {
    const found = chunkVerdict(verdict, chunk);
    const known = disputes.get(chunk);
    const isProvable = found === 'wrong' && (known?.answeredAt ?? 0) > 0;
    const commitment = isProvable ? await commitmentOf(batch, chunk) : 'none';
    const phase = chunkPhase(constants, status, chunk, known, commitment, time);
    cases.push({
      assertionId,
      headerHash,
      contentHash: status.contentHash,
      number: header.number,
      blockNumber,
      chunk,
      verdict: found,
      phase,
      isOwn: isOurs(asserter),
      isDisputedByUs: model.disputesOf(assertionId).some((one) => one.chunk === chunk && isOurs(one.disputer)),
      deadline: deadlineOf(constants, status, known, phase),
    });
  }
  const assertionCase: AssertionCase = {
    assertionId,
    header,
    headerHash,
    asserter,
    verdict: batchVerdict(verdict, status),
    phase: assertionPhase(status, false, isReady(constants, status, disputes, time)),
    isOwn: isOurs(asserter),
  };
  return { cases, assertionCase };
}

/** Our assertions that no longer wait and whose bond may still be out. */
async function observeOwn(options: ObserveOptions): Promise<AssertionCase[]> {
  const { reader, assertions, model, waiting, account } = options;
  if (account === undefined) return [];
  const waits = new Set(waiting.map(({ assertion }) => assertion.assertionId));
  const candidates = [...model.assertions.values()].filter(
    ({ assertionId, asserter, isProven }) =>
      !isProven &&
      isSameAddress(account, asserter) &&
      !waits.has(assertionId) &&
      !model.released.has(assertionId) &&
      !model.rejected.has(assertionId),
  );
  return Promise.all(
    candidates.map(async ({ assertionId, header, headerHash, asserter }) => {
      const status = await assertions.assertion(assertionId);
      const isFinal = (await reader.headerHash(header.number)) === headerHash;
      const verdict = isFinal ? 'right' : 'unverified';
      // One that waits without being among the waiting ones is newer than what was read; the next poll has it.
      const phase = assertionPhase(status, isFinal, false);
      return { assertionId, header, headerHash, asserter, verdict, phase, isOwn: true } as const;
    }),
  );
}

/** Everything that a move can concern. @throws RollupError L1_UNREACHABLE. */
export async function observe(options: ObserveOptions): Promise<Situation> {
  const { assertions, waiting, account, constants, time } = options;
  const chunks: ChunkCase[] = [];
  const cases: AssertionCase[] = [];
  for (const batch of waiting) {
    const observed = await observeWaiting(options, batch);
    chunks.push(...observed.cases);
    cases.push(observed.assertionCase);
  }
  return {
    chunks: putBehind(chunks, constants, time),
    assertions: [...cases, ...(await observeOwn(options))],
    disputes: await observeDisputes(options),
    credit: account === undefined ? 0n : await assertions.creditOf(account),
  };
}
