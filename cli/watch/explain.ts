/** `quittance watch explain <batch>`: which record of a waiting batch is wrong, and what it should have done. */

import { RollupError } from '@quittance/protocol';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { lookOn } from './once.ts';
import { withLooker } from './open.ts';
import { readRejections, rejectionText } from './rejections.ts';
import type { EXPLAIN_SETTINGS } from './settings.ts';
import { explainText } from './view.ts';

/** One look, and everything about one batch. @throws RollupError NOT_FOUND, or LIE_WAITING when it is wrong. */
export async function runExplain(context: Context, values: Values<typeof EXPLAIN_SETTINGS>): Promise<void> {
  const wanted = values.batch;
  if (wanted === undefined) throw new UsageError('name the batch: quittance watch explain <number>');
  await withLooker(context, values, async ({ watcher, store, l1 }) => {
    const { waiting, finalBatch, failures } = await lookOn(watcher, context.signal);
    const batch = waiting.find(({ number }) => number === wanted);
    if (batch === undefined) {
      // What was found outlives the rejection, after which nothing of it waits.
      const story = store.alerts.about(wanted).map((content) => JSON.parse(content) as { message: string });
      const rejections = await readRejections(l1, values, wanted);
      if (story.length + rejections.length > 0) {
        context.output.result({ number: wanted, finalBatch, rejections, story }, () =>
          [
            `no such batch ${wanted} waits now`,
            ...rejections.map(rejectionText),
            ...(story.length === 0 ? [] : ['what was found:', ...story.map(({ message }) => `- ${message}`)]),
          ].join('\n'),
        );
        return;
      }
      const isFinal = wanted <= finalBatch;
      const message = isFinal
        ? `batch ${wanted} is final: L1 has decided, and it was right when it was replayed`
        : `no batch ${wanted} waits; the last final one is ${finalBatch}`;
      throw new RollupError('NOT_FOUND', message, { batch: wanted, finalBatch });
    }
    context.output.result(batch, () => explainText(batch, failures[0]));
    if (batch.verdict !== 'wrong') return;
    throw new RollupError('LIE_WAITING', `batch ${wanted} is wrong`, { batches: String(wanted) });
  });
}
