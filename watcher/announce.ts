/** Turns findings into alerts. */

import { isRollupError, type RollupError } from '@quittance/protocol';
import { chunkMove } from './dispute/chunk-table.ts';
import type { ChunkCase, Situation } from './dispute/situation.ts';
import type { L1Model } from './follow/model.ts';
import type { Alert, Alerts } from './monitoring/alerts.ts';
import type { WaitingBatch } from './replay/verifier.ts';
import type { ReportedBatch } from './report.ts';

/** One alert for each wrong chunk of a batch, and one more when it is our own. */
function lieAlerts(batch: ReportedBatch, isOwn: boolean): Alert[] {
  const { number, assertionId, headerHash, asserter, disputableUntil } = batch;
  return batch.faults.flatMap(({ chunk, slot, rule, explanation }) => {
    const data = { batch: number, assertionId, chunk, slot, rule, asserter, disputableUntil };
    const key = `${assertionId}:${headerHash}:${chunk}`;
    const lie: Alert = { kind: 'lieFound', key, message: `batch ${number} is wrong: ${explanation}`, data };
    if (!isOwn) return [lie];
    const message = `our own batch ${number} is wrong and will be lost: stop the sequencer, its software is at fault`;
    return [lie, { kind: 'ownAssertionWrong', key, message, data }];
  });
}

function caseAlerts({ assertionId, headerHash, number, chunk, verdict, phase, isOwn, deadline }: ChunkCase): Alert[] {
  const data = { batch: number, assertionId, chunk, phase, deadline };
  const key = `${assertionId}:${headerHash}:${chunk}`;
  const move = chunkMove(verdict, phase);
  if (move === 'alarmUndisputed') {
    const message = `chunk ${chunk} of batch ${number} is wrong, nobody disputed it in time, and it becomes final`;
    return [{ kind: 'lieUndisputed', key, message, data }];
  }
  if (!isOwn || verdict !== 'right') return [];
  if (move === 'alarmUnanswered') {
    const message = `nobody answered in time for chunk ${chunk} of our right batch ${number}: anyone can reject it`;
    return [{ kind: 'ownAssertionUnanswered', key, message, data }];
  }
  if (phase !== 'awaiting' && phase !== 'expiring') return [];
  const message = `chunk ${chunk} of our right batch ${number} is disputed: it must be answered in time`;
  return [{ kind: 'disputed', key, message, data }];
}

/** The alert about a batch that breaks the rules and is final, or proven and therefore about to be. */
export function finalLieAlert({ message, data: { batch } }: RollupError<'LIE_FINAL'>): Alert {
  return { kind: 'lieFinal', key: message, message, data: { batch } };
}

/** The alert about a bug of ours that ends the watcher. */
export function bugAlert({ message }: RollupError<'INVARIANT_BROKEN'>): Alert {
  return {
    kind: 'bugFound',
    key: message,
    message: `the watcher ends because of a bug of its own: ${message}`,
    data: {},
  };
}

/** The alert about a final batch whose blobs no source has: until then nothing that stands on it is judged. */
export function missingBlobAlert({ message, data: { hash } }: RollupError<'BLOB_UNAVAILABLE'>): Alert {
  return {
    kind: 'notJudged',
    key: `blob:${hash}`,
    message: `a final batch cannot be replayed, and nothing behind it is judged: ${message}. Give another --blob-source`,
    data: { hash },
  };
}

/** One alert when a waiting batch could not be replayed; none while its blobs are on their way. */
export function failureAlerts({ assertion, failure }: WaitingBatch): Alert[] {
  if (failure === undefined || isRollupError(failure, 'BLOB_LATE')) return [];
  const { assertionId, headerHash, header, asserter } = assertion;
  const message = `batch ${header.number} cannot be replayed, and is not challenged if it is wrong: ${failure.message}`;
  const data = { batch: header.number, assertionId, asserter };
  return [{ kind: 'notJudged', key: `${assertionId}:${headerHash}`, message, data }];
}

/** Describes each answer of a wrong chunk that a view shows and no event reported. */
export function unheardAnswers({ chunks }: Situation, model: L1Model): string[] {
  return chunks
    .filter(({ verdict, phase }) => verdict === 'wrong' && phase === 'answered')
    .filter(({ assertionId, chunk }) => model.answerOf(assertionId, chunk) === undefined)
    .map(({ assertionId, chunk }) => `the answer for chunk ${chunk} of assertion ${assertionId}`);
}

/** The alert about something that a view of L1 shows and no event reports. */
export function unheardAlert(what: string): Alert {
  const message = `L1 shows ${what}, and gives no event of it: it is not judged. Watch through another node`;
  return { kind: 'notJudged', key: what, message, data: { what } };
}

/** Raises an alert for every finding. What was reported before is not reported again. */
export function announce(
  alerts: Alerts,
  batches: readonly ReportedBatch[],
  chunks: readonly ChunkCase[],
  model: L1Model,
  isOurs: (account: string) => boolean,
): void {
  for (const batch of batches) {
    for (const alert of lieAlerts(batch, isOurs(batch.asserter))) alerts.raise(alert);
  }
  for (const chunkCase of chunks) for (const alert of caseAlerts(chunkCase)) alerts.raise(alert);
  for (const assertionId of model.rejected) {
    const known = model.assertions.get(assertionId);
    if (known === undefined) continue;
    alerts.raise({
      kind: 'lieRejected',
      key: `${assertionId}:${known.headerHash}`,
      message: `L1 rejected batch ${known.header.number} of ${known.asserter} and all that followed it`,
      data: { batch: known.header.number, assertionId, asserter: known.asserter },
    });
  }
}
