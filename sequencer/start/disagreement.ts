/** Looks again at batches that the last run or leader sealed, and that its shadow had not agreed with when it ended. */

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
  // Nothing here can keep back what L1 has made final; what is behind it must be able to leave.
  forgetUnverified(storage, storage.batches.lastFinal()?.number ?? 0);
  const batch = unverifiedBatch(storage);
  if (batch === undefined) return undefined;
  const deployment = { chainId: chain.chainId, contract: chain.contract };
  const engine = createReferenceEngine(crypto, createSlices(SLICE_MS));
  try {
    await recover({ storage, engine, deployment, genesis, profile: config.profile, isProven: false, checksIds: true });
    forgetUnverified(storage, Number.MAX_SAFE_INTEGER);
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
