/**
 * Moves before the replay: while blobs do not come, the look is not to wait for them before it does what earlier ones found to
 * be done.
 */

import type { BlockReference } from '@quittance/chain';
import { act, canWait } from './act.ts';
import { unheardAnswers } from './announce.ts';
import { planTasks } from './dispute/plan.ts';
import type { L1Model } from './follow/model.ts';
import { readPending } from './follow/pending.ts';
import type { LookParts } from './parts.ts';
import type { ReportedAction } from './report.ts';
import { situationOf } from './situate.ts';

/** What was read of L1, completely. */
export interface EarlyView {
  readonly head: BlockReference;
  readonly model: L1Model;
  /** The account's next nonce, read before. */
  readonly nonce: number;
}

/**
 * Makes the moves that cannot wait, as far as verdicts are known and their data is here. Where an event is missing it leaves
 * all to the look itself, which finds out about it.
 *
 * @throws RollupError L1_UNREACHABLE, NO_DEPLOYMENT, or the signal's reason.
 */
export async function actEarly(
  parts: LookParts,
  { head, model, nonce }: EarlyView,
  signal: AbortSignal | undefined,
): Promise<ReportedAction[]> {
  const { mode, connection, verifier, actor, clock } = parts;
  if (actor === undefined) return [];
  const chain = verifier.open(model);
  const { number } = model.finals.at(-1)?.header ?? chain.base;
  const pending = await readPending(connection.assertions, model, number);
  const situation = await situationOf(parts, { head, model, chain, waiting: verifier.recall(pending.batches) });
  if (pending.missing.length > 0 || unheardAnswers(situation, model).length > 0) return [];
  const tasks = planTasks(mode, situation).filter((task) => !canWait(task));
  return act({ actor, clock }, tasks, { head, nonce }, signal);
}
