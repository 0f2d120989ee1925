/** Puts a watcher together, and measures and reports each poll. */

import { isRollupError } from '@quittance/protocol';
import { createMetrics, type Logger } from '../runtime/index.ts';
import { bugAlert, finalLieAlert } from './announce.ts';
import { type Connection, connectRollup } from './connect.ts';
import { createActor } from './dispute/actor.ts';
import { createGuard } from './dispute/guard.ts';
import { createStepPreparer } from './dispute/steps.ts';
import { createFollower } from './follow/follower.ts';
import { createLostEvents } from './follow/lost-events.ts';
import { look } from './look.ts';
import { createMeasurer } from './measure.ts';
import { type Alerts, createAlerts } from './monitoring/alerts.ts';
import { createWatcherMeasurements, type WatcherMeasurements } from './monitoring/measurements.ts';
import type { Watcher, WatcherOptions } from './options.ts';
import type { LookParts } from './parts.ts';
import { createLookBlobs } from './replay/look-blobs.ts';
import { createSubmissions } from './replay/submissions.ts';
import { createVerifier } from './replay/verifier.ts';

/** Placeholder for a watcher without an account: nobody owns this address. */
const NOBODY = `0x${'00'.repeat(20)}`;

function createParts(
  options: WatcherOptions,
  connection: Connection,
  alerts: Alerts,
  measurements: WatcherMeasurements,
): LookParts {
  const { mode, store, crypto, kzg, clock, logger, fromBlock, checks = [] } = options;
  const { maxHeadAgeSeconds, maxFeePerGas, confirmations = 1 } = options;
  const { reader, assertions, chain, replay, deployment } = connection;
  const { slotsPerChunk } = replay;
  const blobs = createLookBlobs(options.blobs, clock);
  const submissions = createSubmissions({ reader, assertions, blobs, deployment, slotsPerChunk });
  const steps = createStepPreparer({
    ...{ crypto, kzg, deployment, replay, assertions, submissions, store, clock },
    account: chain?.account ?? NOBODY,
  });
  const guard = createGuard({ reader, clock, checks, maxHeadAgeSeconds });
  const limits = { maxFeePerGas, confirmations };
  return {
    ...{ mode, connection, store, clock, logger, alerts, blobs, steps },
    follower: createFollower({ reader, assertions, store, logger, fromBlock }),
    lostEvents: createLostEvents({ reader, store, logger }),
    verifier: createVerifier({ crypto, replay, submissions, store, clock, logger }),
    actor: chain && createActor({ ...limits, chain, store, steps, guard, clock, logger, alerts, measurements }),
  };
}

/** The balance is for people: a node that does not say it fails no poll. */
async function measureBalance(
  { chain }: Pick<Connection, 'chain'>,
  { balanceWei }: WatcherMeasurements,
  logger: Logger,
): Promise<void> {
  if (chain === undefined) return;
  try {
    balanceWei.set(Number(await chain.balance()));
  } catch (error) {
    logger.debug('L1 did not say the balance of the account', { error });
  }
}

/** Creates a watcher; nothing is read yet. @throws as `connectRollup`. */
export async function createWatcher(options: WatcherOptions): Promise<Watcher> {
  const { store, clock, logger, metrics = createMetrics(), post } = options;
  const connection = await connectRollup(options);
  const measurements = createWatcherMeasurements(metrics);
  const measure = createMeasurer(measurements, connection, clock);
  const alerts = createAlerts({ store, clock, logger, measurements, post });
  const parts = createParts(options, connection, alerts, measurements);
  return {
    constants: connection.constants,
    metrics,
    async poll(signal) {
      const startMs = clock.nowMs();
      try {
        const report = await look(parts, signal);
        measure(report);
        await measureBalance(connection, measurements, logger);
        return report;
      } catch (error) {
        measurements.polls.add(1, { result: 'failed' });
        if (isRollupError(error, 'LIE_FINAL')) alerts.raise(finalLieAlert(error));
        if (isRollupError(error, 'INVARIANT_BROKEN')) alerts.raise(bugAlert(error));
        throw error;
      } finally {
        measurements.pollSeconds.observe((clock.nowMs() - startMs) / 1_000);
        await alerts.deliver(signal);
      }
    },
  };
}
