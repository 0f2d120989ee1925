/** `quittance sequencer` and what is below it. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { SALVAGE_SETTINGS, SEQUENCER_SETTINGS } from './settings.ts';

const sequencer = defineCommand({
  name: 'sequencer',
  summary: 'accept transfers over JSON-RPC, batch and prove them, and post them to L1',
  notes:
    'Prints one line with its URL when it is ready. The first SIGINT or SIGTERM finishes work in progress; a restart ' +
    'resumes where it left off.\nWhen L1 no longer holds what it built on, it stays up and answers reads only; any other ' +
    'reason to stop ends it. docs/how-to/halt-and-recover.md lists both.',
  examples: ['quittance sequencer --config rollup.json --database sequencer.db --mode optimistic'],
  settings: SEQUENCER_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runSequencer(context, values),
});

const salvage = defineCommand({
  name: 'sequencer salvage',
  summary: 'save what a damaged database still holds into a new one, without changing the damaged one',
  notes:
    'The sequencer must be stopped. With an L1 URL and the contract it also says which final batches are missing.\n' +
    'Exit code 6: acknowledged entries could not be saved.',
  examples: ['quittance sequencer salvage --database sequencer.db --into salvaged.db'],
  settings: SALVAGE_SETTINGS,
  run: async (context, values) => (await import('./salvage.ts')).runSalvage(context, values),
});

/** The commands of a producer. */
export const sequencerCommands = [salvage, sequencer];
