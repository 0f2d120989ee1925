/** One look at L1: follow, replay, judge, tell, act. */

import type { BlockReference } from '@quittance/chain';
import { isWrongBatch } from '@quittance/derivation';
import { isPassing, isRollupError } from '@quittance/protocol';
import type { Clock, Logger } from '../runtime/index.ts';
import { act } from './act.ts';
import { announce, failureAlerts, missingBlobAlert, unheardAlert, unheardAnswers } from './announce.ts';
import type { Connection } from './connect.ts';
import type { Actor } from './dispute/actor.ts';
import type { WatchMode } from './dispute/modes.ts';
import { observe } from './dispute/observe.ts';
import type { CommitmentPhase, L1Time } from './dispute/phases.ts';
import { planTasks } from './dispute/plan.ts';
import type { StepPreparer } from './dispute/steps.ts';
import type { Follower } from './follow/follower.ts';
import { forgetClosed } from './follow/forget.ts';
import type { LostEvents } from './follow/lost-events.ts';
import { foldEvents } from './follow/model.ts';
import { readPending } from './follow/pending.ts';
import type { Alerts } from './monitoring/alerts.ts';
import type { Verifier } from './replay/verifier.ts';
import { reportBatch, type WatchReport } from './report.ts';
import type { WatcherStore } from './store/store.ts';

/** What a look needs. */
export interface LookParts {
  readonly mode: WatchMode;
  readonly connection: Connection;
  readonly store: WatcherStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: Alerts;
  readonly follower: Follower;
  readonly lostEvents: LostEvents;
  readonly verifier: Verifier;
  readonly steps: StepPreparer;
  /** Undefined when the watcher only observes. */
  readonly actor: Actor | undefined;
}

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

/** One look. @throws as `Watcher.poll`. */
export async function look(parts: LookParts, signal: AbortSignal | undefined): Promise<WatchReport> {
  const { mode, connection, store, clock, alerts, follower, lostEvents, verifier, steps, actor } = parts;
  const { reader, assertions, chain, constants, isOurs } = connection;
  const nonce = (await chain?.nextNonce()) ?? 0;
  const { head, removedBlocks, isFresh, unsettled } = await follower.look(signal);
  if (isFresh) verifier.reset();
  const model = foldEvents([...store.events.all(), ...(unsettled?.events ?? [])]);
  lostEvents.requireFinals(model);
  const { chain: states, missing } = await verifier.followFinal(model, head.number, signal);
  if (missing !== undefined) alerts.raise(missingBlobAlert(missing));
  const finalHeader = model.finals.at(-1)?.header ?? states.base;
  const pending = await readPending(assertions, model, finalHeader.number);
  const waiting = await verifier.judge(pending.batches, signal);
  steps.look({ chain: states, model, headNumber: head.number });
  const situation = await observe({
    ...{ reader, assertions, constants, model, waiting, account: chain?.account, time: l1Time(head, clock.nowMs()) },
    commitmentOf: ({ assertion }, chunk) => commitmentPhase(parts, assertion.assertionId, chunk),
  });
  // Checked before anything is staked: the view of L1 may be incomplete.
  const unheard = [...pending.missing, ...unheardAnswers(situation, model)];
  const lost = unsettled === undefined ? await lostEvents.note(unheard, head.number) : [];
  if (unsettled?.isLasting) lost.push(unsettled.missing);
  for (const what of lost) {
    alerts.raise(unheardAlert(what));
  }
  const batches = waiting.map((batch) => reportBatch(batch, constants));
  announce(alerts, batches, situation.chunks, model, isOurs);
  for (const batch of waiting) for (const alert of failureAlerts(batch)) alerts.raise(alert);
  const tasks = planTasks(mode, situation);
  const actions = actor === undefined ? [] : await act({ actor, clock }, tasks, { head, nonce }, signal);
  if (unsettled === undefined) forgetClosed(store, model, head.number, isOurs, clock.nowMs());
  const { number: finalBatch, stateRoot } = finalHeader;
  const failures = [missing, ...waiting.map(({ failure }) => failure)].filter((failure) => failure !== undefined);
  const isSynced = unsettled === undefined && pending.isComplete && failures.length === 0;
  return {
    ...{ head, finalBatch, stateRoot, isSynced, failures, removedBlocks, waiting: batches, actions },
    ...{ chunks: situation.chunks, disputes: situation.disputes },
  };
}
