/** `quittance sequencer`. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { SEQUENCER_SETTINGS } from './settings.ts';

export const sequencerCommand = defineCommand({
  name: 'sequencer',
  summary: 'accept transfers over JSON-RPC, batch and prove them, and post them to L1',
  notes:
    'Prints one line with its URL when it is ready. The first SIGINT or SIGTERM finishes work in progress; a restart ' +
    'resumes where it left off.\nWhen L1 no longer holds what it built on, it stays up and answers reads only; any other ' +
    'reason to stop ends it. docs/operations.md lists both.',
  settings: SEQUENCER_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runSequencer(context, values),
});
