/** Whether a sequencer could start from a database, asked without L1. */

import { type Crypto, isRollupError, PROFILES } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import { readDeployment } from './deployment.ts';
import { genesisOf, recover } from './recover.ts';

/**
 * Executes what is not final again. Changes nothing.
 *
 * @returns why it does not come out as it was sealed; undefined when it does, or when nothing was ever sealed.
 */
export function findDamage(storage: Storage, crypto: Pick<Crypto, 'hasher'>): string | undefined {
  const known = readDeployment(storage);
  if (known === undefined) return undefined;
  const { slotsPerChunk, genesisTime, ...deployment } = known;
  const profile = Object.values(PROFILES).find((candidate) => candidate.slotsPerChunk === slotsPerChunk);
  if (profile === undefined) return `no profile of this version has ${slotsPerChunk} slots a chunk`;
  try {
    recover({ storage, crypto, profile, deployment, genesis: genesisOf(crypto, genesisTime) });
    return undefined;
  } catch (error) {
    if (isRollupError(error, 'DATABASE_DAMAGED')) return error.message;
    throw error;
  }
}
