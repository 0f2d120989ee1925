import { ALL_COMMANDS } from '../../../cli/commands.ts';
import { flagOf, type Setting } from '../../../cli/config/setting.ts';
import { COMMON } from '../../../cli/config/settings.ts';
import { valueText } from '../../../cli/config/text.ts';
import type { Command } from '../../../cli/process/command.ts';
import { ExitCode } from '../../../packages/protocol/index.ts';
import { code, prose, sections, table } from './markdown.ts';

/** The flag of a setting, with what stands for its value. */
function usageOf(key: string, { placeholder }: Setting<unknown>): string {
  return placeholder === undefined ? flagOf(key) : `${flagOf(key)} ${placeholder}`;
}

/** The default as a person writes it; "required" where there is none. */
export function defaultOf(setting: Setting<unknown>): string {
  const { presence } = setting;
  if (presence.required) return 'required';
  return presence.fallback === false ? '' : code(valueText(setting, presence.fallback));
}

/** What is said below the options; its examples as code. */
function notesOf({ notes = '', examples }: Command): string {
  return sections(prose(notes), `\`\`\`sh\n${examples.join('\n')}\n\`\`\``);
}

function commandSection(command: Command): string {
  const rows = Object.entries(command.settings).map(([key, setting]) => [
    code(usageOf(key, setting)),
    prose(setting.help),
    defaultOf(setting),
  ]);
  const argument = command.argument === undefined ? '' : ` [${command.argument}]`;
  return sections(
    `## ${command.name}`,
    `${prose(command.summary.charAt(0).toUpperCase() + command.summary.slice(1))}.`,
    `\`quittance ${command.name}${argument} [options]\``,
    notesOf(command),
    table(['option', 'what', 'default'], rows),
  );
}

const MEANINGS: Readonly<Record<keyof typeof ExitCode, string>> = {
  done: 'done',
  failed: 'failed',
  usage: 'called wrongly: a flag, a variable, a file',
  unreachable: 'L1 or the sequencer cannot be reached',
  timeout: 'it took too long; it may still get there',
  rejected: 'refused: by the sequencer or by L1',
  mismatch: 'fraud, or something is not what it claims to be',
  interrupted: 'stopped by a signal',
};

/** The page on the command line. */
export function commandLinePage(): string {
  const common = Object.entries(COMMON).map(([key, setting]) => [code(usageOf(key, setting)), setting.help]);
  const exits = Object.entries(ExitCode).map(([name, exit]) => [String(exit), MEANINGS[name as keyof typeof ExitCode]]);
  return sections(
    '# Command line',
    '`quittance <command> --help` says the same. Results go to stdout, talk to stderr. Each setting is also an environment variable and a key of a config file: [configuration](configuration.md).',
    'All commands take:',
    table(['option', 'what'], [...common, [code('--config <file>'), 'JSON file with settings (`QUITTANCE_CONFIG`)']]),
    'Exit codes:',
    table(['code', 'what'], exits),
    ...ALL_COMMANDS.map(commandSection),
  );
}
