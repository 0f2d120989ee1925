/** What a command is: a name, its settings, and what it does with their values. */

import type { Sources } from '../config/resolve.ts';
import type { Setting, Settings, Values } from '../config/setting.ts';
import type { Output } from './output.ts';

/** What every command is given. */
export interface Context {
  readonly output: Output;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
  /** Where its values came from. */
  readonly sources: Sources;
}

/** One command of the command line. */
export interface Command {
  /** `rebuild`, or `wallet send`. */
  readonly name: string;
  readonly summary: string;
  /** Shown below the options by --help. */
  readonly notes?: string;
  /** Whole lines as a person types them, what stands behind a # included. Shown by --help. */
  readonly examples: readonly string[];
  readonly settings: Settings;
  /** Key of the setting that can also stand behind the name, without its flag. */
  readonly argument?: string;
  readonly run: (context: Context, values: Record<string, unknown>) => Promise<void>;
}

/** A command whose `run` has the types of its settings. */
export function defineCommand<S extends Readonly<Record<string, Setting<unknown>>>>(command: {
  readonly name: string;
  readonly summary: string;
  readonly notes?: string;
  readonly examples: readonly string[];
  readonly settings: S;
  readonly argument?: keyof S & string;
  readonly run: (context: Context, values: Values<S>) => Promise<void>;
}): Command {
  return { ...command, run: (context, values) => command.run(context, values as Values<S>) };
}
