/** `rollup ceremony …`: phase 2 over a public powers-of-tau file. Source: docs/operations.md, Keys. */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { PROFILES } from '../../protocol/index.ts';
import { applyBeacon, contribute, prepareChunkArtifacts, startCeremony } from '../../prover/index.ts';
import * as parse from '../config/parse.ts';
import { required } from '../config/setting.ts';
import { profile } from '../config/settings.ts';
import { type Command, defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { verifyAgainstOwnCircuits } from '../setup/command.ts';
import { chooseKey } from '../setup/key.ts';

const ptau = required('<file>', parse.text, 'powers of tau, prepared for phase 2');
const from = required('<file>', parse.text, 'key to go on from');
const to = required('<file>', parse.text, 'key to write; must not exist');

function requireFile(path: string): string {
  if (!existsSync(path)) throw new UsageError(`${path} does not exist`);
  return path;
}

/** A contribution that overwrites another one could lose it. */
function requireNew(path: string): string {
  if (existsSync(path)) throw new UsageError(`${path} exists already; name another file`);
  return path;
}

const start = defineCommand({
  name: 'ceremony start',
  summary: 'write the constraint system and the first key, to which nobody has contributed',
  settings: { profile, ptau, folder: required('<folder>', parse.text, 'where the files go') },
  async run({ output }, values) {
    requireFile(values.ptau);
    await mkdir(values.folder, { recursive: true });
    const { tiled } = await prepareChunkArtifacts(PROFILES[values.profile].slotsPerChunk);
    output.say(`${tiled.layout.constraintCount} constraints; the standard profile takes long and about 10 GB`);
    const files = await startCeremony(tiled, values.ptau, values.folder);
    output.result(files, () => `${files.zkeyPath} waits for the first contribution; it is not usable as it is`);
  },
});

const contributeCommand = defineCommand({
  name: 'ceremony contribute',
  summary: 'add a contribution, on a machine of your own',
  settings: { from, to, name: required('<name>', parse.text, 'who you are; becomes part of the key') },
  async run({ output }, values) {
    // From the system's generator; never shown, never stored.
    await contribute(requireFile(values.from), requireNew(values.to), values.name, randomBytes(64).toString('hex'));
    output.result({ zkeyPath: values.to }, () => `${values.to} has the contribution of ${values.name}: pass it on`);
  },
});

const beacon = defineCommand({
  name: 'ceremony beacon',
  summary: 'end the contributions with a public value that nobody could know before',
  settings: { from, to, beacon: required('<hex>', parse.text, 'the value, 8 to 255 bytes in hexadecimal') },
  async run({ output }, values) {
    await applyBeacon(requireFile(values.from), requireNew(values.to), 'final beacon', values.beacon);
    output.result({ zkeyPath: values.to }, () => `${values.to} is the final key: verify it, and let others verify it`);
  },
});

const verify = defineCommand({
  name: 'ceremony verify',
  summary: 'check a key against our own circuits, the powers of tau and all contributions; prints the verifying key',
  settings: { profile, ptau, key: required('<file>', parse.text, 'key (.zkey) to check') },
  async run({ output }, values) {
    requireFile(values.ptau);
    const chosen = await chooseKey({ profile: values.profile, zkey: requireFile(values.key) }, output);
    await verifyAgainstOwnCircuits(PROFILES[values.profile].slotsPerChunk, values.key, values.ptau);
    output.say(`the key follows from circuit, powers of tau and contributions; its hash is ${chosen.hash}`);
    // The same with and without --json: it is a file for `rollup deploy --verifying-key`.
    output.result(chosen.json, () => JSON.stringify(chosen.json, null, 2));
  },
});

/** All commands of a ceremony. */
export const ceremony: readonly Command[] = [start, contributeCommand, beacon, verify];
