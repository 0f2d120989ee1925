/** `quittance ceremony …`: phase 2 over a public powers-of-tau file. Source: docs/how-to/run-a-ceremony.md. */

import { existsSync } from 'node:fs';
import * as parse from '../config/parse.ts';
import { type Parse, required } from '../config/setting.ts';
import { profile } from '../config/settings.ts';
import { type Command, defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';

const existing: Parse<string> = (path) => {
  if (!existsSync(path)) throw new UsageError(`${path} does not exist`);
  return path;
};

/** A contribution that overwrites another one could lose it. */
const fresh: Parse<string> = (path) => {
  if (existsSync(path)) throw new UsageError(`${path} exists already; name another file`);
  return parse.text(path);
};

const ptau = required('<file>', existing, 'powers of tau, prepared for phase 2');
const key = required('<file>', existing, 'key (.zkey) to go on from, or to check');
const newKey = required('<file>', fresh, 'key to write; must not exist');

/** All commands of a ceremony. */
export const ceremony: readonly Command[] = [
  defineCommand({
    name: 'ceremony start',
    summary: 'write the constraint system and the first key, to which nobody has contributed',
    examples: ['quittance ceremony start --ptau powers.ptau --folder ./ceremony'],
    settings: { profile, ptau, folder: required('<folder>', parse.text, 'where the files go') },
    run: async (context, values) =>
      (await import('./run.ts')).runStart(context, values.profile, values.ptau, values.folder),
  }),
  defineCommand({
    name: 'ceremony contribute',
    summary: 'add a contribution, on your own machine',
    examples: ["quittance ceremony contribute --key first.zkey --new-key second.zkey --name 'Alice of Example'"],
    settings: { key, newKey, name: required('<name>', parse.text, 'who you are; becomes part of the key') },
    run: async (context, values) =>
      (await import('./run.ts')).runContribute(context, values.key, values.newKey, values.name),
  }),
  defineCommand({
    name: 'ceremony beacon',
    summary: 'end the contributions with a public value that nobody could know before',
    examples: [
      'quittance ceremony beacon --key second.zkey --new-key last.zkey --beacon 0f1e2d3c4b5a69788796a5b4c3d2e1f0',
    ],
    settings: { key, newKey, beacon: required('<hex>', parse.text, 'the value, 8 to 255 bytes in hexadecimal') },
    run: async (context, values) =>
      (await import('./run.ts')).runBeacon(context, values.key, values.newKey, values.beacon),
  }),
  defineCommand({
    name: 'ceremony verify',
    summary:
      'check a key against these circuits, the powers of tau and every contribution, and print its verifying key',
    examples: ['quittance ceremony verify --ptau powers.ptau --key last.zkey'],
    settings: { profile, ptau, key },
    run: async (context, values) =>
      (await import('./run.ts')).runVerify(context, values.profile, values.ptau, values.key),
  }),
];
