/** `quittance sequencer` and what is below it. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { COPY_SETTINGS, RECOVER_SETTINGS, SALVAGE_SETTINGS, SEQUENCER_SETTINGS } from './settings.ts';

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

const recover = defineCommand({
  name: 'sequencer recover',
  summary: 'make the database anew from L1 alone, or bring a restored backup up to what L1 has',
  notes:
    'The sequencer must be stopped, and no other may run. Every batch is executed again and compared with L1. It can be ' +
    'interrupted: the next run goes on behind the last batch.\nIt says from which time on acknowledged transfers cannot be ' +
    'known. Exit code 6: the database cannot have led to what L1 has; name a new file.',
  examples: [
    'quittance sequencer recover --config rollup.json --database sequencer.db',
    'quittance sequencer recover --config rollup.json --database sequencer.db --blob-source folder:archive',
  ],
  settings: RECOVER_SETTINGS,
  run: async (context, values) => (await import('./recover.ts')).runRecover(context, values),
});

const copy = defineCommand({
  name: 'sequencer copy',
  summary: 'take a copy of the database of a sequencer that runs, without stopping it',
  notes:
    'It is checked as if a stranger had made it: rows, hash chain, roots, and the signatures of all that is not final; with ' +
    '--l1-url and --contract also against L1. What was acknowledged up to its end is in it; later it is a backup like any.',
  examples: [
    'quittance sequencer copy --copy-url http://10.0.0.5:3002 --copy-token-file copy.token --into backup.db',
    'quittance sequencer copy --config rollup.json --copy-url https://copy.rollup.example --copy-token-file copy.token --into backup.db',
  ],
  settings: COPY_SETTINGS,
  run: async (context, values) => (await import('./copy/run.ts')).runCopy(context, values),
});

/** The commands of a producer. */
export const sequencerCommands = [copy, recover, salvage, sequencer];
