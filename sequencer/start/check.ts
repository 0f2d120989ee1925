/** Whether a sequencer could start from a database, asked without L1. */

import { isRollupError, PROFILES } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import type { SequencerCrypto } from '../types.ts';
import { readDeployment } from './deployment.ts';
import { genesisOf, recover } from './recover.ts';

/**
 * Executes what is not final again. Changes nothing.
 *
 * @returns why it does not come out as it was sealed; undefined when it does, or when nothing was ever sealed.
 */
export async function findDamage(
  storage: Storage,
  crypto: Pick<SequencerCrypto, 'hasher' | 'engine'>,
): Promise<string | undefined> {
  const known = readDeployment(storage);
  if (known === undefined) return undefined;
  const { slotsPerChunk, genesisTime, ...deployment } = known;
  const profile = Object.values(PROFILES).find((candidate) => candidate.slotsPerChunk === slotsPerChunk);
  if (profile === undefined) return `no profile of this version has ${slotsPerChunk} slots a chunk`;
  try {
    const genesis = genesisOf(crypto, genesisTime);
    await recover({ storage, engine: crypto.engine, profile, deployment, genesis, isProven: false });
    return undefined;
  } catch (error) {
    if (isRollupError(error, 'DATABASE_DAMAGED')) return error.message;
    throw error;
  }
}
