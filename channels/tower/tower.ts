/**
 * Watches over channels: looks at L1 again and again, and makes the move that each channel needs. Everything is read from L1 and
 * from the sources at each look: a restart forgets nothing, and what a reorganization drops is sent again.
 */

import { type ChannelsConstants, type ChannelsReader, channelCalls, type RollupReader } from '@quittance/chain';
import { type Clock, createLoop, createMetrics, type Logger, type Metrics } from '../../runtime/index.ts';
import { createTowerActor } from './act.ts';
import { createTowerAlerts, type TowerAlertOptions } from './alerts.ts';
import { createStateJudge } from './candidates.ts';
import type { VaultClaims } from './claims.ts';
import { createExitFinder, type VaultAccounts } from './exits.ts';
import { type LookParts, lookAt, type TowerReport } from './look.ts';
import { createTowerMeasurements } from './measurements.ts';
import type { TowerSender } from './sender.ts';
import { createShownStates } from './shown.ts';
import type { StateSource } from './types.ts';

export interface TowerOptions {
  readonly reader: ChannelsReader;
  readonly rollup: Pick<RollupReader, 'finalState' | 'deploymentFacts'>;
  readonly sources: readonly StateSource[];
  readonly sender: TowerSender;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly post?: TowerAlertOptions['post'];
  /** Where the accounts of our vaults are looked up, so that their exit is requested; nothing is requested without. */
  readonly accounts?: VaultAccounts | undefined;
  /** Where final money of our vaults is found, so that it is brought to them; nothing is brought without. */
  readonly claims?: VaultClaims | undefined;
  /** Block of the deployment of the rollup, or one before it. */
  readonly fromBlock: number;
  /** Seconds before its end in which the secret of an HTLC is shown although nobody closes; half of what a party takes, by default. */
  readonly revealBefore?: number;
  /** Whether nothing but challenges and secrets is sent: for who watches for others. */
  readonly isGuard?: boolean;
  /** Where our payouts and bonds go; the account itself if not given. */
  readonly receiver?: string | undefined;
  /** Wei per gas. What can wait is not sent above it. */
  readonly maxFeePerGas: bigint;
  /** Seconds after which a newest block is told to be old; undefined where blocks are made on demand. */
  readonly maxHeadAgeSeconds?: number | undefined;
}

/** Watches over channels. */
export interface Tower {
  readonly constants: ChannelsConstants;
  readonly metrics: Metrics;
  /**
   * Looks once, and makes the moves that are to be made.
   *
   * @throws RollupError L1_UNREACHABLE, L1_WRONG_CHAIN, INVARIANT_BROKEN; what all sources fail with; or the signal's reason.
   */
  look(signal?: AbortSignal): Promise<TowerReport>;
  /** Looks until it is stopped. */
  start(options: TowerLoopOptions): { stop(): Promise<void> };
}

export interface TowerLoopOptions {
  /** Pause between two looks. */
  readonly intervalMs: number;
  readonly onReport?: (report: TowerReport) => void;
  readonly onFailure?: (error: unknown) => void;
}

const DEFAULT_REVEAL_BEFORE = 900;
/** Looks that fail for so long are told: the shortest period is 60 s, sensible ones are hours. */
const AWAY_MS = 300_000;

function createParts(options: TowerOptions, constants: ChannelsConstants, metrics: Metrics): LookParts {
  const { reader, rollup, sources, sender, clock, logger, post, accounts, claims, fromBlock } = options;
  const { revealBefore = DEFAULT_REVEAL_BEFORE, isGuard = false, receiver, maxFeePerGas, maxHeadAgeSeconds } = options;
  const measurements = createTowerMeasurements(metrics);
  const alerts = createTowerAlerts({ clock, logger, measurements, post });
  const judge = createStateJudge({ chainId: reader.chainId, channels: reader.contract }, reader.vaultOf);
  const shown = createShownStates({ reader, fromBlock });
  const exits = accounts && createExitFinder({ reader, rollup, accounts, fromBlock });
  const priorityFee = async () => (await rollup.deploymentFacts()).priorityFee;
  const common = { sender, clock, logger, alerts, measurements };
  return {
    ...{ ...common, reader, sources, maxHeadAgeSeconds, isUrgent: false },
    plan: { revealBefore, isGuard },
    observe: { reader, judge, shown, exits, claims, revealBefore, account: sender.account },
    actor: createTowerActor({ ...common, calls: channelCalls(constants), priorityFee, receiver, maxFeePerGas }),
  };
}

/** A tower. @throws RollupError as `ChannelsReader.connect`. */
export async function createTower(options: TowerOptions): Promise<Tower> {
  const { reader, clock, logger, metrics = createMetrics() } = options;
  const constants = await reader.connect();
  const parts = createParts(options, constants, metrics);
  const { alerts, measurements } = parts;
  let seenMs = clock.nowMs();

  function tellAway(error: unknown): void {
    const seconds = Math.floor((clock.nowMs() - seenMs) / 1_000);
    if (seconds * 1_000 < AWAY_MS) return;
    const message = `no look at L1 succeeded for ${seconds} s: ${(error as Error).message}`;
    alerts.raise({ kind: 'l1Away', key: String(seenMs), message, data: { seconds } });
  }

  async function look(signal?: AbortSignal): Promise<TowerReport> {
    try {
      const report = await lookAt(parts, signal);
      seenMs = clock.nowMs();
      measurements.looks.add(1, { result: report.isComplete ? 'done' : 'incomplete' });
      if (report.isComplete) measurements.lastLook.set(Math.floor(seenMs / 1_000));
      return report;
    } catch (error) {
      measurements.looks.add(1, { result: 'failed' });
      if (signal?.aborted !== true) tellAway(error);
      throw error;
    } finally {
      await alerts.deliver(signal);
    }
  }

  return {
    constants,
    metrics,
    look,
    start({ intervalMs, onReport, onFailure }) {
      const loop = createLoop({
        ...{ clock, intervalMs },
        async run(signal) {
          const report = await look(signal);
          onReport?.(report);
          // The next move may be possible at once.
          if (report.actions.some(({ result }) => result === 'done')) loop.wake();
        },
        onError(error) {
          logger.warn('a look failed; the next one comes soon', { error });
          onFailure?.(error);
        },
      });
      loop.start();
      return loop;
    },
  };
}
