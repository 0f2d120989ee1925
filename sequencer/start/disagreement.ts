/** Looks again at a batch that the last run sealed, and that the shadow had not agreed with when it ended. */

import { createReferenceEngine, isRollupError, RollupError, type StoredHeader } from '@quittance/protocol';
import { createSlices } from '../../runtime/index.ts';
import { SLICE_MS } from '../batcher/slices.ts';
import { forgetUnverified, unverifiedBatch } from '../batcher/unverified.ts';
import type { SequencerContext } from '../context.ts';
import { recover } from './recover.ts';

/**
 * Executes what is not final by the reference, if the shadow still owes a verdict on one of it.
 *
 * @returns why nothing may be posted; undefined when the reference comes to what was sealed.
 */
export async function findDisagreement(
  { storage, crypto, config, chain }: SequencerContext,
  genesis: StoredHeader,
): Promise<RollupError<'ENGINES_DISAGREE'> | undefined> {
  const batch = unverifiedBatch(storage);
  if (batch === undefined || batch <= (storage.batches.lastFinal()?.number ?? 0)) return undefined;
  const deployment = { chainId: chain.chainId, contract: chain.contract };
  const engine = createReferenceEngine(crypto, createSlices(SLICE_MS));
  try {
    await recover({ storage, engine, deployment, genesis, profile: config.profile, isProven: false, checksIds: true });
    forgetUnverified(storage, batch);
    return undefined;
  } catch (error) {
    if (!isRollupError(error, 'DATABASE_DAMAGED')) throw error;
    const expected = String(storage.batches.get(batch)?.header.stateRoot ?? 'none');
    const message =
      `batch ${batch} was sealed with root ${expected}, and the reference comes to something else: ${error.message}. ` +
      'One of the engines is wrong; nothing more is accepted, sealed or posted until it is known which';
    const data = { batch, what: 'what was sealed', expected, actual: error.message };
    return new RollupError('ENGINES_DISAGREE', message, data, { cause: error });
  }
}
