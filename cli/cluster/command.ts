/** `quittance cluster`: what is below it. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { CLUSTER_STATUS_SETTINGS } from './settings.ts';

const status = defineCommand({
  name: 'cluster status',
  summary: 'show which nodes there are, which of them leads, and how far each is',
  notes:
    'Any node can be asked. Exit code 3: no node leads, or the one that was asked is not ready; nothing is accepted until one ' +
    'does.',
  examples: [
    'quittance cluster status --url http://10.0.0.1:3000',
    'quittance cluster status --url http://10.0.0.1:3000 --json',
  ],
  settings: CLUSTER_STATUS_SETTINGS,
  run: async (context, values) => (await import('./status.ts')).runClusterStatus(context, values),
});

/** The commands of a cluster. */
export const clusterCommands = [status];
