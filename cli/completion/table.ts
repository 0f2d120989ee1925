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
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0]!))];
  const helpOf = (path: string): string => summaries.get(path) ?? groups[path] ?? '';
  const below = (first: string): Word[] =>
    commands
      .filter(({ name }) => name.startsWith(`${first} `))
      .map(({ name, summary }) => ({ word: name.slice(first.length + 1), help: summary }));
  const own = commands.map((command): Place => {
    const choices = command.argument === undefined ? [] : (command.settings[command.argument]!.parse.choices ?? []);
    const words = [...below(command.name), ...choices.map((word) => ({ word, help: '' }))];
    return { path: command.name, words, flags: flagsOf(command) };
  });
  const only = firsts
    .filter((first) => !summaries.has(first))
    .map((first) => ({ path: first, words: below(first), flags: [HELP] }));
  const root = firsts.map((word) => ({ word, help: helpOf(word) }));
  const version: Flag = { word: '--version', help: 'print the version', value: 'none' };
  return [{ path: '', words: root, flags: [version, HELP] }, ...only, ...own];
}
