/** `quittance sequencer`. What it needs is loaded when it runs. */

import { defineCommand } from '../process/command.ts';
import { SEQUENCER_SETTINGS } from './settings.ts';

export const sequencerCommand = defineCommand({
  name: 'sequencer',
  summary: 'accept transfers over JSON-RPC, batch and prove them, and bring them to L1',
  notes:
    'Prints one line with its URL when it is ready. The first SIGINT or SIGTERM ends work in progress cleanly; a ' +
    'restart goes on where it was.\nWhen L1 holds something else than it built on, it only answers reads until you end it; ' +
    'for other reasons to stop it ends by itself. docs/operations.md lists both.',
  settings: SEQUENCER_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runSequencer(context, values),
});
