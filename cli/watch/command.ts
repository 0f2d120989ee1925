/** `quittance watch` and its subcommands. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { EARNINGS_SETTINGS, EXPLAIN_SETTINGS, LOOK_SETTINGS, WATCH_SETTINGS } from './settings.ts';

const watch = defineCommand({
  name: 'watch',
  summary: 'replay the batches that wait on L1, raise alerts about lies, and dispute, answer or prove them',
  notes:
    'Prints one line when everything up to the newest block has been read, then keeps watching until interrupted. A ' +
    'restart resumes where it left off.\nExit code 6: a wrong batch waits (--once), or one became final.',
  examples: [
    'quittance watch --config rollup.json --once',
    'quittance watch --config rollup.json --mode challenge --database watcher.db',
  ],
  settings: WATCH_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runWatch(context, values),
});

const list = defineCommand({
  name: 'watch list',
  summary: 'waiting batches and open disputes with their deadlines, and what each action would cost',
  examples: ['quittance watch list --config rollup.json'],
  settings: LOOK_SETTINGS,
  run: async (context, values) => (await import('./list.ts')).runList(context, values),
});

const explain = defineCommand({
  name: 'watch explain',
  summary: 'why a waiting batch is wrong: the record, the rule, and the state before and after it',
  notes:
    'Exit code 6: the batch is wrong and waits. Of one that L1 rejected, what was found is told from the --database of the watcher.',
  examples: ['quittance watch explain 7 --config rollup.json'],
  settings: EXPLAIN_SETTINGS,
  argument: 'batch',
  run: async (context, values) => (await import('./explain.ts')).runExplain(context, values),
});

const earnings = defineCommand({
  name: 'watch earnings',
  summary: 'what an account has earned, lost and staked by disputes, from L1 alone',
  notes: 'Gas is that of asserting, disputing and proving; settling and collecting come on top.',
  examples: [
    'quittance watch earnings --config rollup.json',
    'quittance watch earnings 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --config rollup.json',
  ],
  settings: EARNINGS_SETTINGS,
  argument: 'account',
  run: async (context, values) => (await import('./earnings.ts')).runEarnings(context, values),
});

/** The commands about what waits on L1. */
export const watchCommands = [list, explain, earnings, watch];
