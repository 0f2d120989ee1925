/** What to do with a config file that was just written. */

import { existsSync } from 'node:fs';
import type { Role } from './settings.ts';

const COMMANDS: Readonly<Record<Role, readonly string[]>> = {
  wallet: ['wallet address', 'wallet balance'],
  sequencer: ['doctor', 'sequencer'],
  watcher: ['watch --once', 'watch'],
};

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

/** Where the key of the account is to be. */
export interface KeyFiles {
  readonly keystore?: string;
  readonly passwordFile?: string;
}

/** How a keystore that does not exist is made. */
function making({ keystore, passwordFile }: KeyFiles): string[] {
  if (keystore === undefined || existsSync(keystore)) return [];
  const password = passwordFile === undefined ? '' : ` --password-file ${quoted(passwordFile)}`;
  return [`quittance wallet new --keystore ${quoted(keystore)}${password}`];
}

/** Whole lines, in their order: a keystore that does not exist is made first. */
export function nextCommands(role: Role, file: string, keys: KeyFiles): string[] {
  return [
    ...making(keys),
    `quittance status --config ${quoted(file)}`,
    ...COMMANDS[role].map((command) => `quittance ${command} --config ${quoted(file)}`),
  ];
}
