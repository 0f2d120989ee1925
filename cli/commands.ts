/** The list of all commands. */

import { archive } from './archive/command.ts';
import { ceremony } from './ceremony/command.ts';
import { channelCommands } from './channel/command.ts';
import { clusterCommands } from './cluster/command.ts';
import { createCompletion } from './completion/command.ts';
import { createConfigPrint } from './config/print.ts';
import type { Setting } from './config/setting.ts';
import { COMMON } from './config/settings.ts';
import { deployCommands } from './deploy/command.ts';
import { devnetCommands } from './devnet/command.ts';
import { doctor } from './doctor/command.ts';
import { hub } from './hub/command.ts';
import { init } from './init/command.ts';
import { movesCommands } from './moves/command.ts';
import { owner } from './owner/command.ts';
import type { Command } from './process/command.ts';
import { proverCommands } from './prover/command.ts';
import { rebuild } from './rebuild/command.ts';
import { sequencerCommands } from './sequencer/command.ts';
import { setup } from './setup/command.ts';
import { status } from './status/command.ts';
import { wallet } from './wallet/index.ts';
import { watchCommands } from './watch/command.ts';

/** Every command but those that are about them. */
export const COMMANDS: readonly Command[] = [
  ...devnetCommands,
  init,
  status,
  setup,
  ...ceremony,
  ...deployCommands,
  ...sequencerCommands,
  ...clusterCommands,
  ...proverCommands,
  ...owner,
  ...wallet,
  ...movesCommands,
  hub,
  ...channelCommands,
  rebuild,
  archive,
  ...watchCommands,
  doctor,
];

/** Every setting by its name. One name means one thing in all commands, so the first of a name stands for all. */
export function allSettings(commands: readonly Command[]): ReadonlyMap<string, Setting<unknown>> {
  const settings = new Map<string, Setting<unknown>>(Object.entries(COMMON));
  for (const command of commands) {
    for (const [key, setting] of Object.entries(command.settings)) {
      const { name = key } = setting;
      if (!settings.has(name)) settings.set(name, setting);
    }
  }
  return settings;
}

/** Every command. */
export const ALL_COMMANDS: readonly Command[] = withThoseAbout(COMMANDS);

function withThoseAbout(commands: readonly Command[]): readonly Command[] {
  const all = [...commands, createConfigPrint(allSettings(commands))];
  return [...all, createCompletion(all)];
}
