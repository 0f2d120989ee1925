/** `quittance deploy`. What it needs is loaded when it runs. */

import { defineCommand } from '../process/command.ts';
import { DEPLOY_SETTINGS } from './settings.ts';

export const deployCommand = defineCommand({
  name: 'deploy',
  summary: 'deploy verifier, Poseidon, timelock, rollup and assertions; goes on with a deployment that was broken off',
  notes:
    'What each parameter risks stands in docs/operations.md. None can be changed later, but producers and the fee.',
  settings: DEPLOY_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runDeploy(context, values),
});
