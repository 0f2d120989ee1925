/** Structured logs: one JSON object a line on stderr, secrets removed (redact.ts). */

import { type DestinationStream, destination, pino } from 'pino';
import { redact } from './redact.ts';

/** Values that explain a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** What services log to. Messages are sentences, values go into the fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines all carry `fields`. */
  child(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  readonly level?: LogLevel;
  /** Where lines go; stderr if not given, since stdout is for data. */
  readonly stream?: DestinationStream;
}

type Method = 'debug' | 'info' | 'warn' | 'error';

/** A logger that writes JSON lines. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const base = pino(
    { level: options.level ?? 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    options.stream ?? destination({ fd: 2, sync: true }),
  );
  const wrap = (fixed: LogFields): Logger => {
    const write =
      (method: Method) =>
      (message: string, fields: LogFields = {}): void => {
        if (base.isLevelEnabled(method)) base[method](redact({ ...fixed, ...fields }), redact(message) as string);
      };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (fields) => wrap({ ...fixed, ...fields }),
    };
  };
  return wrap({});
}

/** A logger that says nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
