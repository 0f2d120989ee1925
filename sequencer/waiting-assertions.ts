/** What waits on L1, for whoever asks: read at most every few seconds, however many ask. */

import {
  answerDueBy,
  areDisputesRunning,
  contestedChunks,
  disputesOpenUntil,
  invariantBroken,
  stepDueBy,
} from '@quittance/protocol';
import type { Optimistic, SequencerContext } from './context.ts';

/** A dispute of a chunk that runs. */
export interface RunningDispute {
  readonly chunk: number;
  /** What it waits for. */
  readonly phase: 'answer' | 'step';
  readonly challenger: string;
  /** Unix seconds. */
  readonly deadline: number;
  /** Wei. */
  readonly bond: bigint;
}

/** An assertion that waits, ours or another's. */
export interface WaitingAssertion {
  readonly assertionId: bigint;
  readonly batch: number;
  readonly asserter: string;
  /** Wei. */
  readonly bond: bigint;
  /** Unix seconds. */
  readonly finalAt: number;
  readonly disputes: readonly RunningDispute[];
}

/** Reads what waits. */
export interface WaitingAssertions {
  /** The lowest batch first; none without optimistic mode. @throws RollupError L1_UNREACHABLE when L1 was never read. */
  read(): Promise<readonly WaitingAssertion[]>;
}

/** How old an answer may be. */
const MAX_AGE_MS = 4_000;
/** The first ones are read; L1 takes more only where it was deployed so. */
const MAX_ASSERTIONS = 200;

/** The disputes of a waiting assertion that run at `time`. */
async function disputesOf(
  { assertions, terms }: Optimistic,
  assertionId: bigint,
  chunks: readonly number[],
  time: number,
): Promise<RunningDispute[]> {
  const disputes: RunningDispute[] = [];
  for (const chunk of chunks) {
    const status = await assertions.chunkDisputes(assertionId, chunk);
    if (!areDisputesRunning(terms, status, time)) continue;
    const { disputer } = await assertions.dispute(status.firstDisputeId);
    const stepDue = stepDueBy(terms, status, status.lastDisputeAt);
    const common = { chunk, challenger: disputer, bond: terms.disputeBond };
    disputes.push(
      stepDue === undefined
        ? { ...common, phase: 'answer', deadline: answerDueBy(terms, status) }
        : { ...common, phase: 'step', deadline: stepDue },
    );
  }
  return disputes;
}

async function readAll(optimistic: Optimistic, time: number): Promise<WaitingAssertion[]> {
  const { assertions, terms } = optimistic;
  const { finalNumber, lastNumber } = await assertions.pendingRange();
  const found: WaitingAssertion[] = [];
  for (let batch = finalNumber + 1; batch <= Math.min(lastNumber, finalNumber + MAX_ASSERTIONS); batch++) {
    const assertionId = await assertions.pendingId(batch);
    if (assertionId === undefined) break; // L1 moved on between two answers
    const status = await assertions.assertion(assertionId);
    found.push({
      ...{ assertionId, batch, asserter: status.asserter, bond: terms.assertionBond },
      finalAt: disputesOpenUntil(terms, status),
      disputes: await disputesOf(optimistic, assertionId, contestedChunks(status), time),
    });
  }
  return found;
}

/** @param l1Time of the latest block that was seen, Unix seconds. */
export function createWaitingAssertions(
  { optimistic, clock, logger }: Pick<SequencerContext, 'optimistic' | 'clock' | 'logger'>,
  l1Time: () => number,
): WaitingAssertions {
  let known: readonly WaitingAssertion[] | undefined;
  let readMs = 0;
  let reading: Promise<void> | undefined;

  const refresh = async (from: Optimistic): Promise<void> => {
    try {
      known = await readAll(from, l1Time());
    } catch (error) {
      if (known === undefined) throw error;
      logger.warn('L1 did not say what waits; the last answer stays', { error });
    }
    readMs = clock.nowMs();
  };

  return {
    async read() {
      if (optimistic === undefined) return [];
      if (known === undefined || clock.nowMs() - readMs > MAX_AGE_MS) {
        reading ??= refresh(optimistic).finally(() => {
          reading = undefined;
        });
        await reading;
      }
      if (known === undefined) throw invariantBroken('what waits on L1 was read and is not known');
      return known;
    },
  };
}
