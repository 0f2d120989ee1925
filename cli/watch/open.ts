/** Opens what a watch command works with. */

import { createAssertionChain, createAssertionReader, type RollupReader } from '@quittance/chain';
import { createMetrics, type Logger, type Metrics, systemClock } from '../../runtime/index.ts';
import { createWatcher, createWebhook, type Watcher, type WatcherStore } from '../../watcher/index.ts';
import type { Values } from '../config/setting.ts';
import { chooseCrypto, lazyKzg } from '../crypto.ts';
import type { L1Account } from '../l1/account.ts';
import { openBlobSource } from '../l1/blob-source.ts';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import { addBuildInfo } from '../process/build-info.ts';
import type { Context } from '../process/command.ts';
import { warningsOf } from '../process/log.ts';
import { untilBegun } from '../process/signals.ts';
import { type Cleanup, createCleanup } from '../sequencer/cleanup.ts';
import { openChecks, openStore, openStoreToLook } from './parts.ts';
import type { LOOK_SETTINGS, WATCH_SETTINGS } from './settings.ts';

/** A watcher with what it was made of. */
export interface OpenWatcher {
  readonly watcher: Watcher;
  readonly reader: RollupReader;
  readonly store: WatcherStore;
  readonly l1: L1;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}

/** An older head than this means that a node of a public chain is not synced. */
const MAX_HEAD_AGE_SECONDS = 300;
/** No fee is offered without an account. */
const NO_FEE = 0n;

/** Where blobs come from, and what opens them for step proofs. */
function openBlobs({ blobSource }: Values<typeof LOOK_SETTINGS>, logger: Logger) {
  return { blobs: openBlobSource(blobSource, logger, systemClock), kzg: lazyKzg() };
}

/** Opens a watcher that only looks, uses it and closes it. */
export async function withLooker<T>(
  context: Context,
  values: Values<typeof LOOK_SETTINGS>,
  use: (open: OpenWatcher) => Promise<T>,
): Promise<T> {
  return withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const logger = warningsOf(context.output);
    const cleanup = createCleanup(logger);
    try {
      const reader = await connectRollup(l1, values.contract);
      const store = openStoreToLook(context, values, l1, cleanup);
      const metrics = createMetrics();
      const watcher = await createWatcher({
        mode: 'observe',
        reader,
        assertions: createAssertionReader({ ...l1, contract: values.contract }),
        store,
        ...openBlobs(values, logger),
        crypto: chooseCrypto(),
        clock: systemClock,
        logger,
        metrics,
        fromBlock: values.fromBlock,
        maxFeePerGas: NO_FEE,
      });
      return await use({ watcher, reader, store, l1, metrics, logger, cleanup });
    } finally {
      await cleanup.run();
    }
  });
}

/** Opens a watcher of any mode, uses it and closes it. @throws the signal's reason when that comes before it is open. */
export function withWatcher<T>(
  context: Context,
  values: Values<typeof WATCH_SETTINGS>,
  { wallet, logger }: Pick<OpenWatcher, 'logger'> & { readonly wallet: L1Account | undefined },
  use: (open: OpenWatcher) => Promise<T>,
): Promise<T> {
  const { contract } = values;
  const open = async (l1: L1, begun: () => void): Promise<T> => {
    const cleanup = createCleanup(logger);
    try {
      const reader = await connectRollup(l1, contract);
      begun();
      const store = openStore(values.database, l1, contract, cleanup);
      const endpoint = { ...l1, contract };
      const transactions = { maxFeePerGas: values.maxFeePerGas };
      const assertions =
        wallet === undefined
          ? createAssertionReader(endpoint)
          : await createAssertionChain({
              ...endpoint,
              signer: wallet.connect(l1.provider),
              clock: systemClock,
              logger,
              transactions,
            });
      const metrics = createMetrics('quittance', true);
      addBuildInfo(metrics, 'watcher', values.mode);
      const maxHeadAgeSeconds = values.maxHeadAge ?? (isLocalChain(l1.chainId) ? undefined : MAX_HEAD_AGE_SECONDS);
      const watcher = await createWatcher({
        ...{
          mode: values.mode,
          reader,
          assertions,
          store,
          ...openBlobs(values, logger),
          crypto: chooseCrypto(),
          clock: systemClock,
          logger,
          metrics,
        },
        checks: openChecks(values.l1CheckUrl, l1, contract, cleanup),
        fromBlock: values.fromBlock,
        confirmations: values.confirmations,
        maxFeePerGas: values.maxFeePerGas,
        post: values.webhookUrl === undefined ? undefined : createWebhook(values.webhookUrl),
        maxHeadAgeSeconds,
      });
      return await use({ watcher, reader, store, l1, metrics, logger, cleanup });
    } finally {
      await cleanup.run();
    }
  };
  return untilBegun(context.signal, (begun) =>
    withL1({ url: values.l1Url, expected: values.chainId }, (l1) => open(l1, begun)),
  );
}
