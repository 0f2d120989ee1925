/** What can stand where on the command line: the one table that the completions of all shells are made of. */

import { flagOf } from '../config/setting.ts';
import { COMMON } from '../config/settings.ts';
import type { Command } from '../process/command.ts';

/** A word that can be completed, with what is said of it. */
export interface Word {
  readonly word: string;
  readonly help: string;
}

/** A flag of a command. */
export interface Flag extends Word {
  /** What follows it: nothing, a path, one of some words, or anything. */
  readonly value: 'none' | 'path' | 'any' | readonly string[];
}

/** A place on the command line: behind the program, a group, or a command. */
export interface Place {
  /** `wallet send`; empty behind the program. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly flags: readonly Flag[];
}

const PATHS = ['<file>', '<folder>', '<path>'];
const HELP: Flag = { word: '--help', help: 'display help', value: 'none' };
const CONFIG: Flag = { word: '--config', help: 'JSON file with settings', value: 'path' };

function flagsOf({ settings }: Command): Flag[] {
  const flags = Object.entries({ ...settings, ...COMMON }).map(([key, { help, placeholder, parse }]): Flag => {
    const value =
      placeholder === undefined ? 'none' : (parse.choices ?? (PATHS.includes(placeholder) ? 'path' : 'any'));
    return { word: flagOf(key), help, value };
  });
  return [...flags, CONFIG, HELP];
}

/** All places. @param groups what is said of words that only stand before others. */
export function placesOf(commands: readonly Command[], groups: Readonly<Record<string, string>>): Place[] {
  const summaries = new Map(commands.map(({ name, summary }) => [name, summary]));
  const helpOf = (path: string): string => summaries.get(path) ?? groups[path] ?? '';
  /** The words that can stand behind a path; it ends in a blank, unless it is empty. */
  const behind = (path: string): Word[] => {
    const rests = commands.filter(({ name }) => name.startsWith(path)).map(({ name }) => name.slice(path.length));
    const words = [...new Set(rests.map((rest) => rest.split(' ')[0]!))];
    return words.map((word) => ({ word, help: helpOf(`${path}${word}`) }));
  };
  const below = (path: string): Word[] => behind(`${path} `);
  const prefixes = commands.flatMap(({ name }) => {
    const words = name.split(' ');
    return words.slice(1).map((_, count) => words.slice(0, count + 1).join(' '));
  });
  const own = commands.map((command): Place => {
    const choices = command.argument === undefined ? [] : (command.settings[command.argument]!.parse.choices ?? []);
    const words = [...below(command.name), ...choices.map((word) => ({ word, help: '' }))];
    return { path: command.name, words, flags: flagsOf(command) };
  });
  const only = [...new Set(prefixes)]
    .filter((path) => !summaries.has(path))
    .map((path) => ({ path, words: below(path), flags: [HELP] }));
  const version: Flag = { word: '--version', help: 'print the version', value: 'none' };
  return [{ path: '', words: behind(''), flags: [version, HELP] }, ...only, ...own];
}
