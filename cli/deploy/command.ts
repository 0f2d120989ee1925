/** `quittance deploy`. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { DEPLOY_SETTINGS } from './settings.ts';

export const deployCommand = defineCommand({
  name: 'deploy',
  summary: 'deploy all contracts, or resume a deployment that was interrupted',
  notes: 'docs/how-to/deploy.md says what each parameter risks. Only the producers and the fee can be changed later.',
  settings: DEPLOY_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runDeploy(context, values),
});
