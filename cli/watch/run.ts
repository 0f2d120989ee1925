/** A watcher as a process: watches until interrupted, or looks once. */

import { createLoop, startMetricsServer, systemClock } from '../../runtime/index.ts';
import { createReadiness, forecast, type WatchReport } from '../../watcher/index.ts';
import type { Values } from '../config/setting.ts';
import { hasAccount, type L1Account, openAccount } from '../l1/account.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { openLog } from '../process/log.ts';
import { askBalance, askFeePerGas } from './funds.ts';
import { isFatal, lookOnce } from './once.ts';
import { type OpenWatcher, withWatcher } from './open.ts';
import type { WATCH_SETTINGS } from './settings.ts';
import { etherText } from './view.ts';

type WatchValues = Values<typeof WATCH_SETTINGS>;

/** Says what a challenge takes, and warns when the account has less. */
async function sayCosts(
  { output }: Context,
  { mode }: WatchValues,
  { watcher, l1 }: OpenWatcher,
  wallet: L1Account,
): Promise<void> {
  const { challengeWei, rewardWei } = forecast(watcher.constants, await askFeePerGas(l1.provider));
  const balance = await askBalance(l1.provider, wallet.address);
  const earns = `earns ${etherText(rewardWei)} when the lie is overturned`;
  output.say(`a challenge takes ${etherText(challengeWei)}, bond included, and ${earns}`);
  if (mode !== 'challenge' || balance >= challengeWei) return;
  output.warn(`${wallet.address} has ${etherText(balance)}: too little for a challenge at the current gas price`);
}

/** Looks again and again. @throws what makes going on wrong. */
async function watchOn(
  { signal }: Context,
  { l1PollMs }: WatchValues,
  open: OpenWatcher,
  onReport: (report: WatchReport) => void,
  onFailure: (error: unknown) => void,
) {
  const { watcher, logger } = open;
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  const loop = createLoop({
    clock: systemClock,
    intervalMs: l1PollMs,
    async run(stopping) {
      const report = await watcher.poll(stopping);
      onReport(report);
      // The next move of a dispute may be possible at once, and blobs that are on their way were waited for long enough.
      if (report.isCatchingUp || report.actions.some(({ result }) => result === 'done')) loop.wake();
    },
    onError(error) {
      onFailure(error);
      if (isFatal(error)) fail(error);
      else logger.warn('a look failed; the next one comes soon', { error });
    },
  });
  const stop = () => end();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  loop.start();
  try {
    await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    await loop.stop();
  }
}

async function serve(
  context: Context,
  values: WatchValues,
  open: OpenWatcher,
  wallet: L1Account | undefined,
): Promise<void> {
  const { mode, contract, host, metricsPort } = values;
  const readiness = createReadiness(systemClock);
  let metricsUrl: string | undefined;
  if (metricsPort !== undefined) {
    const { metrics, cleanup } = open;
    const server = await startMetricsServer({ host, port: metricsPort, metrics, readiness: readiness.state }).catch(
      (error: unknown) => {
        throw new UsageError(`cannot listen on ${host}:${metricsPort}: ${(error as Error).message}`);
      },
    );
    cleanup.add('the metrics', () => server.stop());
    metricsUrl = server.url;
  }
  if (wallet !== undefined) await sayCosts(context, values, open, wallet);
  let isFirst = true;
  const onReport = (report: WatchReport): void => {
    readiness.looked(report);
    if (!isFirst || !report.isSynced) return;
    isFirst = false;
    const { head, finalBatch } = report;
    context.output.result(
      {
        mode,
        contract,
        account: wallet?.address ?? null,
        block: head.number,
        finalBatch,
        metricsUrl: metricsUrl ?? null,
      },
      () => `watching ${contract} in mode ${mode}: L1 block ${head.number}, last final batch ${finalBatch}`,
    );
  };
  await watchOn(context, values, open, onReport, readiness.failed);
}

/** Runs until it is interrupted, or once. @throws whatever stopped it. */
export async function runWatch(context: Context, values: WatchValues): Promise<void> {
  const { mode, database, once } = values;
  const isActing = mode !== 'observe';
  if (isActing && !hasAccount(values)) {
    throw new UsageError(`--mode ${mode} acts on L1: give --keystore, or --signer-url of who has the key`);
  }
  if (isActing && database === undefined) {
    throw new UsageError(`--mode ${mode} needs --database: without it a restart could stake a second bond`);
  }
  const logger = openLog(context, values);
  const wallet = isActing ? await openAccount(values, context.output) : undefined;
  await withWatcher(context, values, { wallet, logger }, (open) =>
    once ? lookOnce(context, open) : serve(context, values, open, wallet),
  );
}
