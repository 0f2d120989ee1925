/** `quittance hub`: a party that others open channels with, and that passes their payments on. */

import type { RollupError } from '@quittance/protocol';
import type { PartyTerms } from '@quittance/sdk/channels';
import { type ChannelServer, startChannelServer } from '../../channels/index.ts';
import {
  createLoop,
  createMetrics,
  type Listening,
  type Logger,
  type Metrics,
  type Readiness,
  startMetricsServer,
  systemClock,
} from '../../runtime/index.ts';
import { keystoreOf } from '../channel/key.ts';
import { type PartySession, withParty } from '../channel/session.ts';
import { addBuildInfo } from '../process/build-info.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { openLog } from '../process/log.ts';
import { table } from '../process/output.ts';
import { askBalance } from '../watch/funds.ts';
import { createHubMeasurements, type HubState } from './measurements.ts';
import type { HubValues } from './settings.ts';

/** Between two looks at what its account has. */
const FUNDS_MS = 60_000;

/** @throws UsageError for terms that contradict each other. */
function termsOf({
  tokens,
  leastPeriod,
  mostPeriod,
  mostChannels,
  feeBase,
  feePpm,
  expiryDelta,
  advertiseUrl,
}: HubValues): PartyTerms {
  if (leastPeriod > mostPeriod) {
    throw new UsageError(
      `--least-period is ${leastPeriod} s, more than the ${mostPeriod} s of --most-period: nobody could open`,
    );
  }
  return {
    tokens,
    period: { least: leastPeriod, most: mostPeriod },
    mostChannels,
    ...{ feeBase, feePartsPerMillion: feePpm, expiryDelta },
    ...(advertiseUrl === undefined ? {} : { url: advertiseUrl }),
  };
}

async function openDoor(
  { host, port, trustedProxies }: HubValues,
  { node }: PartySession,
  logger: Logger,
): Promise<ChannelServer> {
  return await startChannelServer({ party: node.party, host, port, trustedProxies, clock: systemClock, logger }).catch(
    (error: unknown) => {
      throw new UsageError(`cannot listen on ${host}:${port}: ${(error as Error).message}`);
    },
  );
}

/** The port of the metrics, where there is one. @throws UsageError when it is taken. */
async function openMetrics(
  { metricsHost: host, metricsPort: port }: HubValues,
  metrics: Metrics,
  failure: () => RollupError | undefined,
): Promise<Listening | undefined> {
  if (port === undefined) return undefined;
  const readiness = (): Readiness => {
    const failed = failure();
    return failed === undefined ? { ready: true } : { ready: false, reason: failed.code, message: failed.message };
  };
  return await startMetricsServer({ host, port, metrics, readiness }).catch((error: unknown) => {
    throw new UsageError(`cannot listen on ${host}:${port}: ${(error as Error).message}`);
  });
}

/** Serves until it is interrupted. */
async function serve(session: PartySession, values: HubValues, logger: Logger): Promise<void> {
  const { context, node, peers, address, contract, l1 } = session;
  const { output, signal } = context;
  let failure: RollupError | undefined;
  void node.failed.then((error) => {
    failure = error;
  });
  const metrics = createMetrics('quittance', true);
  addBuildInfo(metrics, 'hub', 'hub');
  let state: HubState | undefined;
  const measurements = createHubMeasurements(metrics, () => state);
  measurements.watch(node.party);
  const door = await openDoor(values, session, logger);
  let balance: bigint | undefined;
  const funds = createLoop({
    ...{ clock: systemClock, intervalMs: FUNDS_MS },
    run: async () => {
      balance = await askBalance(l1.provider, address);
    },
    onError: (error) => logger.warn('L1 did not say what the account has; asking again', { error }),
  });
  let numbers: Listening | undefined;
  try {
    state = {
      ...{ party: node.party, connectionCount: () => door.connectionCount, hasFailed: () => failure !== undefined },
      ...{ l1UnseenSeconds: () => node.l1UnseenSeconds(), balance: () => balance },
    };
    funds.start();
    numbers = await openMetrics(values, metrics, () => failure);
    // Hubs whose URL we know: a payment may go over two.
    peers.callAll();
    const url = values.advertiseUrl ?? door.url;
    const { channels, chainId } = contract;
    const said = { url, listeningUrl: door.url, metricsUrl: numbers?.url ?? null, address, chainId, channels };
    output.result(said, () =>
      table([
        ['hub', url],
        ...(url === door.url ? [] : [['listening', door.url]]),
        ['address', address],
        ['channels', `${node.party.channels().length} in ${values.store}`],
        ...(numbers === undefined ? [] : [['metrics', numbers.url]]),
      ]),
    );
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
      void node.failed.then(() => resolve());
    });
  } finally {
    await funds.stop();
    await door.stop();
    await numbers?.stop();
  }
}

/** Runs until it is interrupted. @throws whatever its store failed with; UsageError or RollupError as what it opens. */
export async function runHub(context: Context, values: HubValues): Promise<void> {
  const terms = termsOf(values);
  keystoreOf(values);
  const logger = openLog(context, values);
  await withParty(context, values, (session) => serve(session, values, logger), { logger, terms });
}
