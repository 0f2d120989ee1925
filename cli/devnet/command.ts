/** `quittance devnet` and `quittance devnet stop`. Load what they need when they run. */

import { defineCommand } from '../process/command.ts';
import { DEVNET_SETTINGS, STOP_SETTINGS } from './settings.ts';

const stop = defineCommand({
  name: 'devnet stop',
  summary: 'stop the devnet that runs in the background',
  notes: 'Give the same --state as it was started with, if any.',
  examples: ['quittance devnet stop'],
  settings: STOP_SETTINGS,
  run: async (context, values) => (await import('./stop.ts')).runDevnetStop(context, values),
});

const devnet = defineCommand({
  name: 'devnet',
  summary: 'a whole rollup on this machine: L1, contracts, sequencer, watcher, and ten accounts with money',
  notes:
    'Prints its addresses and keys when payments can be made, with --json as the first line of stdout. The first SIGINT, ' +
    'SIGTERM or SIGHUP ends all of it.',
  examples: [
    'quittance devnet',
    'quittance devnet --detach --json      # in the background; quittance devnet stop ends it',
    'quittance devnet --lie                # practise disputing',
    'quittance devnet --state ./my-devnet  # goes on from there the next time',
  ],
  settings: DEVNET_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runDevnet(context, values),
});

/** The commands of a local rollup. */
export const devnetCommands = [stop, devnet];
