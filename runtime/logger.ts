/** Structured logs on stderr, one JSON object a line, or text for people; secrets removed (redact.ts). */

import { type DestinationStream, destination, pino } from 'pino';
import { textLine } from './log-text.ts';
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

/** How lines are written. */
export const LOG_FORMATS = ['json', 'text'] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export interface LoggerOptions {
  readonly level?: LogLevel;
  /** JSON if not given. */
  readonly format?: LogFormat;
  /** Whether text may be colored. */
  readonly color?: boolean;
  /** Where lines go; stderr if not given, since stdout is for data. */
  readonly stream?: DestinationStream;
}

type Method = 'debug' | 'info' | 'warn' | 'error';

/** Writes lines as text instead. */
function asText(stream: DestinationStream, color: boolean): DestinationStream {
  return { write: (line) => stream.write(textLine(line, color)) };
}

/** A logger that writes lines of `format`. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', format = 'json', color = false } = options;
  const stream = options.stream ?? destination({ fd: 2, sync: true });
  const base = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    format === 'text' ? asText(stream, color) : stream,
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
