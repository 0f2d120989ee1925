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

/** Whole lines, in their order: a keystore that does not exist is made first. */
export function nextCommands(role: Role, file: string, keystore: string | undefined): string[] {
  const isMissing = keystore !== undefined && !existsSync(keystore);
  return [
    ...(isMissing ? [`quittance wallet new --keystore ${quoted(keystore)}`] : []),
    `quittance status --config ${quoted(file)}`,
    ...COMMANDS[role].map((command) => `quittance ${command} --config ${quoted(file)}`),
  ];
}
