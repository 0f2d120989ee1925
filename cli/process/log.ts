/** Loggers of commands: one form on stderr, whoever writes to it. */

import { createLogger, type LogFormat, type Logger, silentLogger } from '../../runtime/index.ts';
import type { Values } from '../config/setting.ts';
import type { logLevel } from '../config/settings.ts';
import type { Context } from './command.ts';
import type { Output } from './output.ts';

/** What is set of it. */
export interface LogValues {
  readonly logLevel: Values<{ level: typeof logLevel }>['level'];
  readonly logFormat: LogFormat | undefined;
}

/** The logger of a command that ends by itself: what must be seen only, as lines for people unless --json is given. */
export function warningsOf(
  { json, quiet, color }: Pick<Output, 'json' | 'quiet' | 'color'>,
  level: 'warn' | 'error' = 'warn',
): Logger {
  return quiet ? silentLogger : createLogger({ level, format: json ? 'json' : 'text', color });
}

/** The logger of a process that keeps on: text on a terminal, JSON lines elsewhere. From now on what the command says goes through it too. */
export function openLog({ output }: Pick<Context, 'output'>, { logLevel: level, logFormat }: LogValues): Logger {
  const format = logFormat ?? (process.stderr.isTTY === true ? 'text' : 'json');
  const logger = createLogger({ level: output.quiet ? 'warn' : level, format, color: output.color });
  output.logTo(logger);
  return logger;
}
