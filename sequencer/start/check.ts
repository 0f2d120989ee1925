/** Whether a sequencer could start from a database, asked without L1. */

import { isRollupError, PROFILES } from '@quittance/protocol';
import type { Storage } from '../../storage/index.ts';
import type { SequencerCrypto } from '../types.ts';
import { readDeployment } from './deployment.ts';
import { findForged } from './forged.ts';
import { genesisOf, recover } from './recover.ts';

/**
 * Executes what is not final again. Changes nothing.
 *
 * @param believesSignatures whether what the log has was checked when it was taken on: true of a database of one's own.
 * @returns why it does not come out as it was sealed; undefined when it does, or when nothing was ever sealed.
 */
export async function findDamage(
  storage: Storage,
  crypto: Pick<SequencerCrypto, 'hasher' | 'verifier' | 'engine' | 'bulk'>,
  believesSignatures = true,
): Promise<string | undefined> {
  const known = readDeployment(storage);
  if (known === undefined) return undefined;
  const { slotsPerChunk, genesisTime, ...deployment } = known;
  const profile = Object.values(PROFILES).find((candidate) => candidate.slotsPerChunk === slotsPerChunk);
  if (profile === undefined) return `no profile of this version has ${slotsPerChunk} slots a chunk`;
  try {
    const genesis = genesisOf(crypto, genesisTime);
    const { engine } = crypto;
    const how = { isProven: false, checksIds: !believesSignatures };
    const { state } = await recover({ storage, engine, profile, deployment, genesis, ...how });
    return believesSignatures ? undefined : await findForged(storage, crypto, state);
  } catch (error) {
    if (isRollupError(error, 'DATABASE_DAMAGED')) return error.message;
    throw error;
  }
}
