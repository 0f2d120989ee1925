import { ALL_COMMANDS } from '../../../cli/commands.ts';
import { environmentNameOf, flagOf, type Setting } from '../../../cli/config/setting.ts';
import { COMMON } from '../../../cli/config/settings.ts';
import { defaultOf } from './command-line.ts';
import { code, prose, sections, table } from './markdown.ts';

interface Row {
  readonly flag: string;
  readonly setting: Setting<unknown>;
  readonly commands: string[];
}

/** Every setting by its name in config files, with the commands that take it. */
function rowsByName(): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const command of ALL_COMMANDS) {
    for (const [key, setting] of Object.entries(command.settings)) {
      const { name = key } = setting;
      const row = rows.get(name) ?? { flag: flagOf(key), setting, commands: [] };
      row.commands.push(command.name);
      rows.set(name, row);
    }
  }
  for (const [name, setting] of Object.entries(COMMON)) {
    rows.set(name, { flag: flagOf(name), setting, commands: ['all'] });
  }
  return rows;
}

/** The page on settings. */
export function configurationPage(): string {
  const rows = [...rowsByName()].sort(([one], [other]) => (one < other ? -1 : 1));
  return sections(
    '# Configuration',
    'A setting comes from its flag, else from its environment variable, else from the config file that `--config` or `QUITTANCE_CONFIG` names, else from its default. `quittance config print` shows where each comes from here. A config file is a JSON object with these keys.',
    table(
      ['key', 'flag', 'environment', 'what', 'default', 'commands'],
      rows.map(([name, { flag, setting, commands }]) => [
        code(name),
        code(flag),
        code(environmentNameOf(name)),
        prose(setting.help),
        defaultOf(setting),
        commands.join(', '),
      ]),
    ),
  );
}
