/** What the slots of a chunk have in common: who pays for what in it, and what they are bound to. */

import { RollupError } from '../errors/index.ts';
import { FEE_TOKEN_COUNT, FEE_TOKEN_FILLER } from '../params.ts';
import { encodeRecord } from '../records/codec.ts';
import type { Operation } from '../types.ts';
import type { Crypto } from './apply.ts';

/** A record that does nothing: it fills a chunk. */
export const NOOP: Operation = { fields: { kind: 0, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 }, words: [] };

/** @throws RollupError FEE_TOKEN_ORDER unless there are four fee tokens, strictly ascending, fillers last. */
export function requireFeeTokens(feeTokens: readonly bigint[]): readonly bigint[] {
  const ordered = feeTokens.every((token, position) => {
    const previous = position === 0 ? -1n : feeTokens[position - 1]!;
    return token >= 0n && (token === FEE_TOKEN_FILLER || (token < FEE_TOKEN_FILLER && token > previous));
  });
  if (feeTokens.length !== FEE_TOKEN_COUNT || !ordered) {
    const message = `fee tokens are four, strictly ascending, 2^32 as the filler; got ${feeTokens}`;
    throw new RollupError('FEE_TOKEN_ORDER', message, { actual: feeTokens.join(',') });
  }
  return feeTokens;
}

/**
 * c ← Poseidon(c, record, w0, w1, w2); an absent word counts as 0.
 * Twin: native/core/src/engine/commitments.rs commitments.
 */
export function nextCommitment(
  crypto: Pick<Crypto, 'hasher'>,
  commitment: bigint,
  { fields, words }: Operation,
): bigint {
  return crypto.hasher.hash([commitment, encodeRecord(fields), words[0] ?? 0n, words[1] ?? 0n, words[2] ?? 0n]);
}
