/** `quittance hub`. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { HUB_SETTINGS } from './settings.ts';

/** The service that others have channels with. */
export const hub = defineCommand({
  name: 'hub',
  summary: 'have payment channels with others, and pass their payments on for a fee',
  notes:
    'Prints its URL and address when it is ready. Its key signs states at once, so it is in a file (--keystore): have an ' +
    'account for it alone, and run `quittance channel watch` elsewhere with its states.\nThe first SIGINT or SIGTERM ends ' +
    'it between two messages; a restart goes on. When its store fails it ends with the reason: no state is signed that is ' +
    'not on disk.',
  examples: [
    'quittance hub --config rollup.json --store hub.db --keystore hub.key',
    'quittance hub --config rollup.json --store hub.db --keystore hub.key --advertise-url wss://hub.example --tokens 0:1000000000000000:5000000000000000000:1000000000000000000 --fee-ppm 500 --metrics-port 9736',
  ],
  settings: HUB_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runHub(context, values),
});
