/** `quittance archive`. Loads what it needs when it runs. */

import { defineCommand } from '../process/command.ts';
import { ARCHIVE_SETTINGS } from './settings.ts';

export const archive = defineCommand({
  name: 'archive',
  summary: 'keep the blobs of a rollup, which L1 drops after 18 days, and snapshots of its state',
  notes:
    'A web server over the folder is a mirror for others: mirror:<url>. Whatever an archive gives is checked against ' +
    'L1 by who takes it.\nExit code 3: a blob is nowhere to be had (--once). Exit code 6: a wrong batch became final.',
  examples: ['quittance archive --config rollup.json --folder ./blobs'],
  settings: ARCHIVE_SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runArchive(context, values),
});
