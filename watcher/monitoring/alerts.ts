/** Alerts for people: each is raised once, in the log, in the metrics and at the webhook. */

import { type Clock, type Logger, redact, retry } from '../../runtime/index.ts';
import type { WatcherStore } from '../store/store.ts';
import type { WatcherMeasurements } from './measurements.ts';

/** Kinds of alerts; docs/how-to/run-a-watcher.md says what to do about each. */
export const ALERT_KINDS = [
  'lieFound',
  'lieUndisputed',
  'lieFinal',
  'lieRejected',
  'ownAssertionWrong',
  'ownAssertionUnanswered',
  'disputed',
  'notJudged',
  'bugFound',
  'challengeRefused',
  'actionFailed',
  'feeAboveLimit',
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** One alert. */
export interface Alert {
  readonly kind: AlertKind;
  /** An alert with the same key is raised only once. */
  readonly key: string;
  /** A sentence for people. */
  readonly message: string;
  readonly data: Readonly<Record<string, string | number | bigint | undefined>>;
}

/** Raises and delivers alerts. */
export interface Alerts {
  raise(alert: Alert): void;
  /** Sends pending alerts to the webhook. Never throws: failures are retried at later polls, a bounded number of times. */
  deliver(signal?: AbortSignal): Promise<void>;
}

export interface AlertOptions {
  readonly store: WatcherStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly measurements: WatcherMeasurements;
  /** Delivers one alert; undefined without a webhook. @throws anything when the webhook did not accept it. */
  readonly post: ((body: string, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** Polls in which delivery of an alert is tried, each time with ATTEMPTS. */
const MAX_TRIES = 10;
const ATTEMPTS = 3;
/** Alerts delivered in one poll; the others wait. */
const MAX_AT_ONCE = 16;
const RETRY_MS = 30_000;
const KEPT_MS = 30 * 86_400_000;
/** Logged as errors; the others are warnings. */
const ERRORS: ReadonlySet<AlertKind> = new Set([
  'lieFound',
  'lieUndisputed',
  'lieFinal',
  'ownAssertionWrong',
  'ownAssertionUnanswered',
  'notJudged',
  'bugFound',
]);

const isOver = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** Alerts over a database. */
export function createAlerts({ store, clock, logger, measurements, post }: AlertOptions): Alerts {
  // From 0 on: a rate sees no first step of a series that begins with 1.
  for (const kind of ALERT_KINDS) measurements.alerts.add(0, { kind });

  async function offer(body: string, signal: AbortSignal | undefined): Promise<void> {
    await retry(() => post!(body, signal), {
      clock,
      attempts: ATTEMPTS,
      firstDelayMs: 500,
      maxDelayMs: 2_000,
      isTransient: () => !isOver(signal),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  return {
    raise({ kind, key, message, data }) {
      const name = `${kind}:${key}`;
      // A look says again what holds still: that is no reason to wait for the disk.
      if (store.alerts.has(name)) return;
      const content = JSON.stringify(redact({ kind, message, ...data, time: new Date(clock.nowMs()).toISOString() }));
      store.commit(() => store.alerts.add(name, content, clock.nowMs()));
      measurements.alerts.add(1, { kind });
      if (ERRORS.has(kind)) logger.error(message, { alert: kind, ...data });
      else logger.warn(message, { alert: kind, ...data });
    },
    async deliver(signal) {
      const beforeMs = clock.nowMs() - KEPT_MS;
      if (store.alerts.isOld(beforeMs)) store.commit(() => store.alerts.prune(beforeMs));
      if (post === undefined) return;
      for (const { key, content, tries } of store.alerts.due(clock.nowMs(), MAX_TRIES, MAX_AT_ONCE)) {
        if (isOver(signal)) return;
        try {
          await offer(content, signal);
          store.commit(() => store.alerts.delivered(key, clock.nowMs()));
        } catch (error) {
          if (isOver(signal)) return;
          store.commit(() => store.alerts.failed(key, clock.nowMs() + RETRY_MS * 2 ** Math.min(tries, 6)));
          const isLast = tries + 1 >= MAX_TRIES;
          const what = isLast
            ? 'the webhook never accepted an alert; giving up'
            : 'the webhook did not accept an alert';
          logger.warn(what, { alert: key, tries: tries + 1, error });
          return; // the others would most likely fail too; they are offered again at the next look
        }
      }
    },
  };
}
