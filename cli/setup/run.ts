/** Circuits and keys, made or checked. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '@quittance/protocol';
import { exportR1cs, prepareChunkArtifacts, verifyCeremony } from '../../prover/index.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import type { SetupValues } from './command.ts';
import { chooseKey, importKey } from './key.ts';

/**
 * Checks a ceremony's key from start to end against our own circuits.
 *
 * @throws RollupError INSECURE_KEY.
 */
export async function verifyAgainstOwnCircuits(slotsPerChunk: number, zkeyPath: string, ptau: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-ceremony-'));
  try {
    // Written anew: the constraint system that comes with a ceremony proves nothing.
    const r1csPath = join(folder, 'chunk.r1cs');
    await exportR1cs((await prepareChunkArtifacts(slotsPerChunk)).tiled, r1csPath);
    await verifyCeremony({ r1csPath, zkeyPath }, ptau);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the development key, or checks the key of a ceremony. */
export async function runSetup({ output }: Context, values: SetupValues): Promise<void> {
  const { slotsPerChunk } = PROFILES[values.profile];
  if (values.ptau !== undefined && values.zkey === undefined) {
    throw new UsageError('--ptau needs --zkey: without its key there is no ceremony to check');
  }
  output.say(`circuits and keys of ${values.profile} (${slotsPerChunk} slots a chunk)`);
  const key = await chooseKey({ profile: values.profile, zkey: values.zkey }, output);
  if (values.zkey !== undefined && values.ptau !== undefined) {
    output.say('checking the ceremony (the standard profile takes an hour or more)');
    await verifyAgainstOwnCircuits(slotsPerChunk, values.zkey, values.ptau);
  }
  if (values.zkey !== undefined) await importKey(values.profile, values.zkey, output);
  if (key.isDevelopment) {
    output.warn(
      'this is the INSECURE development key: anyone can forge proofs for it, and only local chains accept it',
    );
  } else if (values.ptau === undefined) {
    output.warn('the contributions were not checked: give --ptau, or run `quittance ceremony verify`');
  }
  const view = {
    profile: values.profile,
    slotsPerChunk,
    development: key.isDevelopment,
    contributionsVerified: values.ptau !== undefined,
    keyHash: key.hash,
    verifyingKey: { ...key.json, slotsPerChunk },
  };
  output.result(view, () =>
    table([
      ['profile', view.profile],
      ['slots a chunk', String(slotsPerChunk)],
      ['key hash', key.hash],
      ['development key', key.isDevelopment ? 'yes, INSECURE' : 'no'],
      ['contributions verified', view.contributionsVerified ? 'yes' : 'no'],
    ]),
  );
}
