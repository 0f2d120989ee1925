/** Rebuilds the state from what was submitted to L1, with the protocol's rules alone: a naive second opinion. */

import type { BatchSubmission, WithBlobs } from '@quittance/chain';
import {
  applyOperation,
  domainOf,
  type Hasher,
  type Profile,
  portableHasher,
  type RecordData,
  RollupState,
  recordsOf,
  unpackFeeTokens,
  type Withdrawal,
} from '@quittance/protocol';

export interface Replayed {
  readonly state: RollupState;
  readonly withdrawals: readonly Withdrawal[];
  /** Records by batch, chunk and slot. */
  readonly records: readonly (readonly (readonly RecordData[])[])[];
}

/** @throws when a record is invalid or a root differs from the one that was submitted. */
export function replaySubmissions(
  submissions: readonly WithBlobs<BatchSubmission>[],
  profile: Profile,
  deployment: { chainId: bigint; contract: string },
  hasher: Hasher = portableHasher,
): Replayed {
  const state = new RollupState(hasher);
  const crypto = { hasher, verifier: { verify: () => true } };
  const authorization = { validUntil: 0, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n };
  const withdrawals: Withdrawal[] = [];
  const records = submissions.map((batch) => {
    const { number, time, roots, feeTokens } = batch;
    return recordsOf(batch, profile.slotsPerChunk, batch.blobs).map((decoded, chunk) => {
      const context = { domain: domainOf(deployment), batchTime: time, feeTokens: unpackFeeTokens(feeTokens[chunk]!) };
      let fees: readonly bigint[] = [0n, 0n, 0n, 0n];
      for (const [slot, record] of decoded.entries()) {
        const outcome = applyOperation(crypto, state, { ...record, authorization }, context, fees);
        if (!outcome.valid) throw new Error(`batch ${number} chunk ${chunk} slot ${slot}: ${outcome.invalid.code}`);
        for (const change of outcome.effects.changes) state.write(change);
        fees = outcome.effects.fees;
        if (outcome.effects.withdrawal !== undefined) withdrawals.push(outcome.effects.withdrawal);
      }
      if (fees.some((sum) => sum !== 0n)) throw new Error(`batch ${number} chunk ${chunk} leaves fees`);
      if (state.root !== roots[chunk + 1]) throw new Error(`batch ${number} chunk ${chunk} has another root`);
      return decoded;
    });
  });
  return { state, withdrawals, records };
}
