/** `quittance init`. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { INIT_SETTINGS } from './settings.ts';

export const init = defineCommand({
  name: 'init',
  summary: 'write a config file: asks for what is missing on a terminal, looks at L1, and says what is next',
  notes:
    'Without a terminal everything comes from flags, the environment and what L1 and the sequencer say. The block of the ' +
    'deployment is found. The file has no secrets but those in URLs, and only its owner can read it.',
  examples: [
    'quittance init',
    'quittance init --role wallet --rpc-url http://127.0.0.1:3000 --l1-url http://127.0.0.1:8545 --keystore alice.json',
    'quittance init --role watcher --l1-url http://127.0.0.1:8545 --contract 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --out watcher.json',
  ],
  settings: INIT_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runInit(context, values),
});
