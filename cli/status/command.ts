/** `quittance status`. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { STATUS_SETTINGS } from './settings.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'one screen of everything: L1, what is final and what waits, the way out, the sequencer, an account',
  notes:
    'A look without judgement: `quittance doctor` says what to do, `quittance watch --once` whether what waits is right.\n' +
    'Exit code 3: the sequencer does not answer; what L1 says is printed all the same.',
  examples: [
    'quittance status --config rollup.json',
    'quittance status --config rollup.json --account 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  ],
  settings: STATUS_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runStatus(context, values),
});
