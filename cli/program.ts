/** Commander's side of the command line: flags in, a command with resolved values out. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command as Commander, Option } from 'commander';
import { type ConfigFile, readConfigFile, resolveSettings } from './config/resolve.ts';
import { environmentNameOf, flagOf, type Setting, type Settings } from './config/setting.ts';
import { COMMON } from './config/settings.ts';
import { valueText } from './config/text.ts';
import { PACKAGE_ROOT } from './paths.ts';
import type { Command, Context } from './process/command.ts';
import { GROUPS } from './process/groups.ts';

/** What the process hands to the command line. */
export interface Invocation {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Makes what a command runs with, once it is known how it is to write. */
  readonly createContext: (options: { readonly json: boolean; readonly quiet: boolean }) => Omit<Context, 'sources'>;
  /** Every setting of every command, by its key: what a config file may name. */
  readonly known: ReadonlyMap<string, Setting<unknown>>;
  /** Where usage goes that nobody asked for; stderr if not given. */
  readonly onMisuse?: (text: string) => void;
  /** Where help goes that somebody asked for; stdout if not given. */
  readonly onHelp?: (text: string) => void;
}

/** Of help where there is no terminal, and of what stands below its options. */
const HELP_WIDTH = 80;
/** What is said of a flag wraps behind long ones, too. */
const MIN_HELP_WIDTH = 20;

/** Above the settings of every command, which stand below its own. */
const EVERYWHERE = 'Everywhere:';

const CONFIG_OPTION = '--config <file>';
const CONFIG_HELP = 'JSON file with settings, named as in `quittance config print` (QUITTANCE_CONFIG)';

/** The file named by --config or QUITTANCE_CONFIG. @throws UsageError. */
function loadConfigFile(
  flag: string | undefined,
  { environment, known }: Pick<Invocation, 'environment' | 'known'>,
): ConfigFile | undefined {
  const path = flag ?? environment['QUITTANCE_CONFIG'];
  return path === undefined || path === '' ? undefined : readConfigFile(path, new Set(known.keys()));
}

function addOptions(commander: Commander, settings: Settings): void {
  for (const [key, setting] of Object.entries(settings)) {
    const { help, placeholder, presence, name = key } = setting;
    const text = presence.required || presence.fallback === false ? '' : valueText(setting, presence.fallback);
    const fallback = text === '' ? '' : `; default ${text}`;
    const must = presence.required ? ', required' : '';
    const { choices } = setting.parse;
    const words = choices === undefined ? '' : `; one of ${choices.join(', ')}`;
    const option = new Option(
      placeholder === undefined ? flagOf(key) : `${flagOf(key)} ${placeholder}`,
      `${help} (${environmentNameOf(name)}${must}${words}${fallback})`,
    );
    commander.addOption(key in COMMON ? option.helpGroup(EVERYWHERE) : option);
  }
}

/** Lines of at most 80 letters, as commander writes its own; lines of the text stay apart. */
function wrapped(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/(?=.{80,})(.{1,79})\s+/g, '$1\n'))
    .join('\n');
}

/** Flags as text by key: a switch that was given is "true". */
function flagsOf(options: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(options).map(([key, value]) => [key, String(value)]));
}

function addCommand(commander: Commander, command: Command, invocation: Invocation): void {
  // What comes behind the name of a command below this one is for that one.
  commander.description(command.summary).allowExcessArguments(false).enablePositionalOptions();
  const settings: Settings = { ...command.settings, ...COMMON };
  addOptions(commander, settings);
  commander.addOption(new Option(CONFIG_OPTION, CONFIG_HELP).helpGroup(EVERYWHERE));
  commander.addHelpOption(new Option('-h, --help', 'print this').helpGroup(EVERYWHERE));
  if (command.notes !== undefined) commander.addHelpText('after', `\n${wrapped(command.notes)}`);
  commander.addHelpText('after', `\nExamples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`);
  const { argument } = command;
  if (argument !== undefined) commander.argument(`[${argument}]`, settings[argument]!.help);
  commander.action(async (...given: unknown[]) => {
    const position = argument === undefined ? 0 : 1;
    const { config, ...options } = given[position] as Record<string, unknown> & { config?: string };
    const flags = argument === undefined || given[0] === undefined ? options : { ...options, [argument]: given[0] };
    const file = loadConfigFile(config, invocation);
    const sources = { flags: flagsOf(flags), environment: invocation.environment, file };
    const resolved = resolveSettings(settings, sources);
    const values = Object.fromEntries(Object.entries(resolved).map(([key, { value }]) => [key, value]));
    const context = invocation.createContext({ json: values['json'] === true, quiet: values['quiet'] === true });
    await command.run({ ...context, sources }, values);
  });
}

/** What package.json says. */
function version(): string {
  return (JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}

/** The whole command line. Parsing throws CommanderError instead of ending the process. */
export function createProgram(commands: readonly Command[], invocation: Invocation): Commander {
  const program = new Commander('quittance')
    .description('A ZK and optimistic rollup for payments: set up, deploy, operate, use and check.')
    .version(version(), '--version', 'print the version')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      ...(invocation.onMisuse === undefined ? {} : { writeErr: invocation.onMisuse }),
      ...(invocation.onHelp === undefined ? {} : { writeOut: invocation.onHelp, getOutHelpWidth: () => HELP_WIDTH }),
    })
    .configureHelp({ showGlobalOptions: false, minWidthToWrap: MIN_HELP_WIDTH })
    .addHelpText(
      'after',
      `\n${wrapped(
        'Every setting is a flag, an environment variable and a key of the config file, in that order of precedence.\n' +
          'Durations are like 90s, 15m, 12h or 3d; amounts of ETH like 0.1eth, 20gwei or 1000 (wei).\n' +
          'Exit codes: 0 done, 1 failed, 2 usage, 3 L1 or RPC unreachable, 4 timeout, 5 rejected, 6 fraud or mismatch.',
      )}`,
    );
  const groups = new Map<string, Commander>();
  for (const command of commands) {
    let place = program;
    let path = '';
    for (const word of command.name.split(' ')) {
      path = path === '' ? word : `${path} ${word}`;
      place = groups.get(path) ?? place.command(word).description(GROUPS[path] ?? '');
      groups.set(path, place);
    }
    addCommand(place, command, invocation);
  }
  return program;
}
