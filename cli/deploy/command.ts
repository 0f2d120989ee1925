/** `quittance deploy` and what is below it. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { DEPLOY_SETTINGS, STATUS_SETTINGS, VERIFY_SETTINGS } from './settings.ts';

const NOTES =
  'docs/how-to/deploy.md says what each parameter risks. Only the producers and the fee can be changed later.\n' +
  'The first SIGINT or SIGTERM ends it between two transactions; with a record the same command goes on from there.';

const plan = defineCommand({
  name: 'deploy plan',
  summary: 'what a deployment would send, cost and fix for good; nothing is sent',
  notes: 'It deploys on a local chain of its own, so what the contracts refuse shows here.',
  examples: ['quittance deploy plan --l1-url http://127.0.0.1:8545 --profile quick'],
  settings: DEPLOY_SETTINGS,
  run: async (context, values) => (await import('./plan.ts')).runPlan(context, values),
});

const apply = defineCommand({
  name: 'deploy apply',
  summary: 'deploy all contracts, or resume a deployment that was interrupted',
  notes: NOTES,
  examples: [
    'quittance deploy apply --l1-url http://127.0.0.1:8545 --keystore deployer.json --password-file password.txt',
  ],
  settings: DEPLOY_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runDeploy(context, values),
});

const status = defineCommand({
  name: 'deploy status',
  summary: 'how far a deployment is, and what its contracts say now',
  examples: ['quittance deploy status --l1-url http://127.0.0.1:8545 --record ./record'],
  settings: STATUS_SETTINGS,
  run: async (context, values) => (await import('./status.ts')).runStatus(context, values),
});

const verify = defineCommand({
  name: 'deploy verify',
  summary: 'compare the code on L1, its key and its parameters with these sources and the record',
  notes: 'Exit code 6: something differs. What is only known at deployment is masked in the code, and printed.',
  examples: ['quittance deploy verify --l1-url http://127.0.0.1:8545 --record ./record --out ./verified'],
  settings: VERIFY_SETTINGS,
  run: async (context, values) => (await import('./verify.ts')).runVerify(context, values),
});

/** The same as apply: nothing is asked. */
const deploy = {
  ...apply,
  name: 'deploy',
  examples: apply.examples.map((example) => example.replace('deploy apply', 'deploy')),
};

/** The commands of a deployer. */
export const deployCommands = [plan, apply, status, verify, deploy];
