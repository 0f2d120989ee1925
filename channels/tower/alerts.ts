/** What people hear of a tower: each thing once, in the log, in the metrics and at the webhook. */

import { type Clock, type Logger, redact } from '../../runtime/index.ts';
import type { TowerMeasurements } from './measurements.ts';

/** Kinds of alerts; docs/how-to/watch-channels.md says what to do about each. */
export const TOWER_ALERTS = [
  /** Somebody closes a channel alone. */
  'closing',
  /** With an older state than ours. */
  'oldState',
  /** We showed ours in its place. */
  'challenged',
  /** The period ended with an older state than ours. */
  'tooLate',
  /** What stands is newer than what we have. */
  'newerState',
  /** Nobody here knows the state that stands, and without it nothing can be settled. */
  'unknownState',
  'settled',
  'paidOut',
  /** Money cannot go where it should. */
  'payoutRefused',
  'actionFailed',
  'feeAboveLimit',
  /** The account cannot pay for many challenges. */
  'fundsLow',
  /** A state that cannot be read, or that L1 would not take. */
  'badState',
  /** L1's newest block is old: what happens now is not seen. */
  'staleHead',
  /** L1 has not answered for long. */
  'l1Away',
] as const;
export type TowerAlertKind = (typeof TOWER_ALERTS)[number];

/** One alert. */
export interface TowerAlert {
  readonly kind: TowerAlertKind;
  /** An alert with the same key is raised once as long as the process lives. */
  readonly key: string;
  /** A sentence for people. */
  readonly message: string;
  readonly data: Readonly<Record<string, string | number | bigint | undefined>>;
}

/** Money is in danger, or lost. */
const ERRORS: ReadonlySet<TowerAlertKind> = new Set([
  'oldState',
  'tooLate',
  'unknownState',
  'staleHead',
  'l1Away',
  'fundsLow',
]);
const NEWS: ReadonlySet<TowerAlertKind> = new Set(['challenged', 'settled', 'paidOut']);

/** Alerts that are remembered, and those that wait for the webhook. */
const MOST_REMEMBERED = 10_000;
const MOST_WAITING = 256;
const MOST_AT_ONCE = 16;
const MOST_TRIES = 10;

export interface TowerAlertOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly measurements: TowerMeasurements;
  /** Delivers one alert as JSON. @throws anything when it was not taken. */
  readonly post: ((body: string, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** Raises and delivers alerts. */
export interface TowerAlerts {
  raise(alert: TowerAlert): void;
  /** Offers what waits to the webhook; what it does not take is offered again a few times. Never throws. */
  deliver(signal?: AbortSignal): Promise<void>;
}

/** Remembers in memory: a restart tells again what still holds. */
export function createTowerAlerts({ clock, logger, measurements, post }: TowerAlertOptions): TowerAlerts {
  // From 0 on: a rate sees no first step of a series that begins with 1.
  for (const kind of TOWER_ALERTS) measurements.alerts.add(0, { kind });
  const known = new Set<string>();
  const waiting: { readonly body: string; tries: number }[] = [];
  return {
    raise({ kind, key, message, data }) {
      const name = `${kind}:${key}`;
      if (known.has(name)) return;
      if (known.size >= MOST_REMEMBERED) known.clear(); // they are told again
      known.add(name);
      measurements.alerts.add(1, { kind });
      const level = ERRORS.has(kind) ? 'error' : NEWS.has(kind) ? 'info' : 'warn';
      logger[level](message, { alert: kind, ...data });
      if (post === undefined) return;
      const time = new Date(clock.nowMs()).toISOString();
      const text = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
      waiting.push({ body: JSON.stringify(redact({ kind, message, ...data, time }), text), tries: 0 });
      if (waiting.length > MOST_WAITING) waiting.shift();
    },
    async deliver(signal) {
      for (const alert of waiting.slice(0, MOST_AT_ONCE)) {
        if (signal?.aborted === true) return;
        try {
          await post!(alert.body, signal);
          waiting.splice(waiting.indexOf(alert), 1);
        } catch (error) {
          alert.tries += 1;
          const isLast = alert.tries >= MOST_TRIES;
          if (isLast) waiting.splice(waiting.indexOf(alert), 1);
          const what = isLast ? 'the webhook never took an alert' : 'the webhook did not take an alert';
          logger.warn(what, { tries: alert.tries, error });
          return; // the others would most likely fail too
        }
      }
    },
  };
}
