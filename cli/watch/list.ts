/** `quittance watch list`: what waits, what is disputed, until when, and what each action would cost. */

import { forecast } from '../../watcher/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { askFeePerGas } from './funds.ts';
import { lookOn } from './once.ts';
import { withLooker } from './open.ts';
import type { LOOK_SETTINGS } from './settings.ts';
import { disputesText, faultLines, forecastText, waitingText } from './view.ts';

/** One look, printed. */
export function runList(context: Context, values: Values<typeof LOOK_SETTINGS>): Promise<void> {
  return withLooker(context, values, async ({ watcher, l1 }) => {
    const report = await lookOn(watcher, context.signal);
    const costs = forecast(watcher.constants, await askFeePerGas(l1.provider));
    const { head, finalBatch, isSynced, waiting, chunks, disputes } = report;
    context.output.result({ head, finalBatch, isSynced, waiting, chunks, disputes, costs }, () =>
      [
        `last final batch ${finalBatch} at L1 block ${head.number}`,
        waitingText(report, head.timestamp),
        ...waiting.flatMap(faultLines),
        '',
        disputesText(disputes, chunks, head.timestamp),
        '',
        forecastText(costs),
      ].join('\n'),
    );
  });
}
