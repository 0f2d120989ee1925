/** `quittance setup`. Loads what it needs when it runs. */

import * as parse from '../config/parse.ts';
import { optional, type Values } from '../config/setting.ts';
import { profile, zkey } from '../config/settings.ts';
import { defineCommand } from '../process/command.ts';

const SETTINGS = {
  profile,
  zkey,
  ptau: optional('<file>', parse.text, 'powers of tau that the ceremony started from'),
} as const;

export type SetupValues = Values<typeof SETTINGS>;

export const setup = defineCommand({
  name: 'setup',
  summary: 'compile circuits and make the development key, or check the key of a ceremony',
  notes:
    'Without --zkey it makes the INSECURE development key, for local chains. With --zkey it checks that key and imports ' +
    'it for the native prover; with --ptau too, it checks every contribution.',
  examples: ['quittance setup --profile quick'],
  settings: SETTINGS,
  run: async (context, values) => (await import('./run.ts')).runSetup(context, values),
});
