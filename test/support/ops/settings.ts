/** Whether a process that ops/ starts knows what it is told. */

import { COMMANDS } from '../../../cli/commands.ts';
import { environmentNameOf, flagOf, type Setting } from '../../../cli/config/setting.ts';
import { COMMON } from '../../../cli/config/settings.ts';

/** The settings of the command that these words begin with. @throws when there is none. */
function settingsOf(words: readonly string[]): Readonly<Record<string, Setting<unknown>>> {
  const command = COMMANDS.find(({ name }) => words.join(' ').split(' -')[0] === name);
  if (command === undefined) throw new Error(`there is no command ${words.join(' ')}`);
  return { ...command.settings, ...COMMON };
}

/** Flags and variables that the command does not know, and settings that it needs and is not given. */
export function problemsOf(words: readonly string[], environment: Readonly<Record<string, string>>): string[] {
  const settings = settingsOf(words);
  const flags = new Set(Object.keys(settings).map(flagOf));
  const variables = new Map(Object.entries(settings).map(([key, { name = key }]) => [environmentNameOf(name), key]));
  const given = words.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]!);
  const ours = Object.keys(environment).filter((name) => name.startsWith('QUITTANCE_'));
  const has = (key: string) => given.includes(flagOf(key)) || ours.some((name) => variables.get(name) === key);
  return [
    ...given.filter((flag) => !flags.has(flag) && flag !== '--config').map((flag) => `unknown flag ${flag}`),
    ...ours.filter((name) => !variables.has(name)).map((name) => `unknown variable ${name}`),
    ...Object.entries(settings)
      .filter(([key, { presence }]) => presence.required && !has(key))
      .map(([key]) => `missing ${key}`),
  ];
}

/** Values that the command refuses, for each variable that holds one (not a reference to another place). */
export function wrongValues(words: readonly string[], environment: Readonly<Record<string, string>>): string[] {
  const settings = settingsOf(words);
  return Object.entries(settings).flatMap(([key, setting]) => {
    const text = environment[environmentNameOf(setting.name ?? key)];
    if (text === undefined) return [];
    try {
      setting.parse(text);
      return [];
    } catch (error) {
      return [`${key}: ${(error as Error).message}`];
    }
  });
}
