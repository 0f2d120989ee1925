/** What people hear of a tower itself: its node, its states, its money. */

import type { BlockReference } from '@quittance/chain';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { TowerAlerts } from './alerts.ts';
import type { TowerMeasurements } from './measurements.ts';
import type { TowerSender } from './sender.ts';
import type { SourceProblem } from './types.ts';

const DAY_MS = 86_400_000;
/** Gas of a challenge, at most. Source: docs/channels.md, Costs. */
const CHALLENGE_GAS = 80_000n;
/** Challenges for which there should be money. */
const LEAST_CHALLENGES = 4n;

export interface HealthOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: TowerAlerts;
  readonly measurements: TowerMeasurements;
  readonly sender: TowerSender;
  /** Seconds after which a newest block is told to be old; undefined where blocks are made on demand. */
  readonly maxHeadAgeSeconds: number | undefined;
}

/** How old the newest block is. */
export function tellAge(options: HealthOptions, { number, timestamp }: BlockReference): void {
  const { clock, maxHeadAgeSeconds, alerts, measurements } = options;
  const age = Math.floor(clock.nowMs() / 1_000) - timestamp;
  measurements.l1Block.set(number);
  measurements.headAge.set(age);
  if (maxHeadAgeSeconds === undefined || age <= maxHeadAgeSeconds) return;
  const message = `the newest L1 block ${number} is ${age} s old: what happens now is not seen. Check the node`;
  alerts.raise({ kind: 'staleHead', key: String(number), message, data: { block: number, age } });
}

/** What could not be read or believed. */
export function tellProblems({ alerts, measurements }: HealthOptions, problems: readonly SourceProblem[]): void {
  measurements.problems.set(problems.length);
  for (const { where, message: why } of problems) {
    const message = `${where} is not watched over as it should be: ${why}`;
    alerts.raise({ kind: 'badState', key: `${where}:${why}`, message, data: { where } });
  }
}

/** The balance is for people: a node that does not say it fails no look. */
export async function tellFunds({ sender, clock, logger, alerts, measurements }: HealthOptions): Promise<void> {
  try {
    const { balance, feePerGas } = await sender.funds();
    measurements.balanceWei.set(Number(balance));
    const least = LEAST_CHALLENGES * CHALLENGE_GAS * feePerGas;
    if (balance >= least) return;
    const message = `${sender.account} has ${balance} wei: too little for ${LEAST_CHALLENGES} challenges. Fund it`;
    const day = Math.floor(clock.nowMs() / DAY_MS);
    alerts.raise({ kind: 'fundsLow', key: String(day), message, data: { balance, least } });
  } catch (error) {
    logger.debug('L1 did not say the balance of the account', { error });
  }
}
