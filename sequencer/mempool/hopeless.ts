/** Transfers that a rule before that of the signature refuses, whatever the transfers before them do. */

import {
  applyOperation,
  type ChunkContext,
  type Crypto,
  isExpired,
  MAX_NONCE,
  type StateView,
} from '@quittance/protocol';
import { NO_FEES, refusalOf } from '../apply.ts';
import type { Candidate } from './admission.ts';

/** Finds the rules that come before that of the signature. */
export const FORGED: Crypto = { hasher: { hash: () => 0n }, verifier: { verify: () => false } };

/** Whether it pays itself or another token's account, is expired or has the nonce that no account can use. Costs no rules. */
export function isHopeless({ operation, nonce, sender, receiver }: Candidate, { batchTime }: ChunkContext): boolean {
  const { fields, authorization } = operation;
  if (receiver !== undefined && (fields.from === fields.to || sender.tokenId !== receiver.tokenId)) return true;
  return isExpired(authorization?.validUntil ?? 0, batchTime) || BigInt(nonce) >= MAX_NONCE;
}

/**
 * Refuses one that is hopeless, as the rules put it.
 *
 * @param candidate with the leaf of the account that it creates.
 * @throws RollupError with the first broken rule.
 */
export function refuseHopeless({ operation, nonce, sender, receiver }: Candidate, judging: ChunkContext): void {
  const { from, to } = operation.fields;
  // With the nonce that was signed: only then may what is said of the last one be said.
  const view: StateView = {
    get: (index) => (index === from ? { ...sender, nonce } : index === to ? receiver : undefined),
  };
  const outcome = applyOperation(FORGED, view, operation, judging, NO_FEES);
  if (!outcome.valid && outcome.invalid.code !== 'BAD_SIGNATURE') throw refusalOf(outcome.invalid);
}
