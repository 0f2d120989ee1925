/** `quittance channel …`: payment channels. Loads what it needs when it runs. */

import { type Command, defineCommand } from '../process/command.ts';
import { DEPLOY_SETTINGS } from './settings.ts';

const deploy = defineCommand({
  name: 'channel deploy',
  summary: 'deploy the contracts of payment channels for a rollup, once for all of its users',
  notes:
    'Nobody owns these contracts and nobody can change them. It rehearses on a local chain of its own first. The first SIGINT ' +
    'or SIGTERM ends it between two transactions; with a record the same command goes on from there.',
  examples: [
    'quittance channel deploy --config rollup.json --bond 0.05eth --plan',
    'quittance channel deploy --config rollup.json --bond 0.05eth --keystore deployer.json --password-file password.txt',
  ],
  settings: DEPLOY_SETTINGS,
  run: async (context, values) => (await import('./deploy.ts')).runChannelDeploy(context, values),
});

/** All commands about channels. */
export const channelCommands: readonly Command[] = [deploy];
