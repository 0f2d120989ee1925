/**
 * Keys for real money (docs/operations.md): phase 2 of a ceremony over a public powers-of-tau file.
 *
 *   node scripts/ceremony.ts start --slots 124 --ptau powersOfTau28_hez_final_21.ptau --folder ceremony
 *   node scripts/ceremony.ts contribute --from ceremony/chunk_0000.zkey --to 0001.zkey --name "who I am"
 *   node scripts/ceremony.ts beacon --from 0001.zkey --to final.zkey --hex <a public value of the future>
 *   node scripts/ceremony.ts verify --slots 124 --ptau … --folder ceremony --key final.zkey > verification_key.json
 *
 * Everybody who contributes runs `contribute` on their own machine and passes the file on.
 */

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  applyBeacon,
  contribute,
  exportR1cs,
  prepareChunkArtifacts,
  readCeremonyKey,
  startCeremony,
  type TiledSystem,
  verifyCeremony,
} from '../prover/index.ts';

const NAMES = ['slots', 'ptau', 'folder', 'from', 'to', 'name', 'hex', 'key'] as const;
type OptionName = (typeof NAMES)[number];

const { values, positionals } = readOptions();

function readOptions(): { values: Partial<Record<string, unknown>>; positionals: string[] } {
  const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return usage((error as Error).message);
  }
}

/** The value of an option that the command needs; ends with code 2 when it is missing. */
function need(name: OptionName): string {
  const value = values[name];
  if (typeof value === 'string' && value !== '') return value;
  return usage(`--${name} is missing`);
}

function usage(reason: string): never {
  console.error(`${reason}. Commands: start, contribute, beacon, verify; examples stand at the top of this script.`);
  process.exit(2);
}

async function chunk(): Promise<TiledSystem> {
  return (await prepareChunkArtifacts(Number(need('slots')))).tiled;
}

const commands: Readonly<Record<string, () => Promise<void>>> = {
  start: async () => {
    const [ptau, folder] = [need('ptau'), need('folder')];
    await mkdir(folder, { recursive: true });
    const { zkeyPath } = await startCeremony(await chunk(), ptau, folder);
    console.error(`${zkeyPath} is ready for the first contribution; it is not usable as it is`);
  },
  contribute: async () => {
    const [from, to, name] = [need('from'), need('to'), need('name')];
    // From the system's generator; never shown, never stored.
    await contribute(from, to, name, randomBytes(64).toString('hex'));
    console.error(`${to} contains the contribution of ${name}: pass it on`);
  },
  beacon: async () => {
    const [from, to, hex] = [need('from'), need('to'), need('hex')];
    await applyBeacon(from, to, 'final beacon', hex);
    console.error(`${to} is the final key: verify it, and let others verify it`);
  },
  verify: async () => {
    const [ptau, folder, zkeyPath] = [need('ptau'), need('folder'), need('key')];
    const tiled = await chunk();
    // Written anew from our own circuits: the ceremony's copy proves nothing.
    const r1csPath = join(folder, 'verified.r1cs');
    await exportR1cs(tiled, r1csPath);
    await verifyCeremony({ r1csPath, zkeyPath }, ptau);
    console.log(JSON.stringify(await readCeremonyKey(zkeyPath, tiled), null, 2));
    console.error('the key follows from the circuit, the powers of tau and its contributions');
  },
};

const command = commands[positionals[0] ?? ''] ?? (() => usage(`there is no command ${String(positionals[0])}`));
await command().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
