/** One look at L1: follow, replay, judge, tell, act. */

import { isRollupError } from '@quittance/protocol';
import { act } from './act.ts';
import { announce, failureAlerts, missingBlobAlert, unheardAlert, unheardAnswers } from './announce.ts';
import { planTasks } from './dispute/plan.ts';
import { actEarly } from './early.ts';
import { forgetClosed } from './follow/forget.ts';
import { foldEvents } from './follow/model.ts';
import { readPending } from './follow/pending.ts';
import type { LookParts } from './parts.ts';
import { reportBatch, type WatchReport } from './report.ts';
import { situationOf } from './situate.ts';

/** One look. @throws as `Watcher.poll`. */
export async function look(parts: LookParts, signal: AbortSignal | undefined): Promise<WatchReport> {
  const { mode, connection, store, clock, alerts, follower, lostEvents, blobs, verifier, actor } = parts;
  const { assertions, chain, constants, isOurs } = connection;
  const nextNonce = async () => (await chain?.nextNonce()) ?? 0;
  const lackedBlobs = blobs.begin();
  let nonce = await nextNonce();
  const { head, removedBlocks, isFresh, unsettled } = await follower.look(signal);
  if (isFresh) verifier.reset();
  const model = foldEvents([...store.events.all(), ...(unsettled?.events ?? [])]);
  lostEvents.requireFinals(model);
  const isEarly = lackedBlobs && unsettled === undefined;
  const early = isEarly ? await actEarly(parts, { head, model, nonce }, signal) : [];
  if (early.length > 0) nonce = await nextNonce();
  blobs.allow();
  const { chain: states, missing } = await verifier.followFinal(model, head.number, signal);
  if (isRollupError(missing, 'BLOB_UNAVAILABLE')) alerts.raise(missingBlobAlert(missing));
  const finalHeader = model.finals.at(-1)?.header ?? states.base;
  const pending = await readPending(assertions, model, finalHeader.number);
  const waiting = await verifier.judge(pending.batches, signal);
  const situation = await situationOf(parts, { head, model, chain: states, waiting });
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
  const unjudged = [missing, ...waiting.map(({ failure }) => failure)].filter((error) => error !== undefined);
  const failures = unjudged.filter((error) => !isRollupError(error, 'BLOB_LATE'));
  const isSynced = unsettled === undefined && pending.isComplete && unjudged.length === 0;
  return {
    ...{ head, finalBatch, stateRoot, isSynced, isCatchingUp: unjudged.length > failures.length, failures },
    ...{ removedBlocks, waiting: batches, actions: [...early, ...actions] },
    ...{ chunks: situation.chunks, disputes: situation.disputes },
  };
}
