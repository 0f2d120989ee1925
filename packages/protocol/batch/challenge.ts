/** The challenge of a batch, at which its polynomials are evaluated. Source: docs/protocol.md, Challenge. */

import { requireAddress } from '../address.ts';
import { CHALLENGE_BITS, CHALLENGE_TAG_TEXT } from '../params.ts';
import { type Bytes32, encodeAbi, keccak, keccakText } from './abi.ts';
import type { Deployment } from './chunk.ts';
import { type BatchForm, formNumber } from './form.ts';

/** keccak of the tag text: the first word of every challenge. */
export const CHALLENGE_TAG: Bytes32 = keccakText(CHALLENGE_TAG_TEXT);

/** What z commits to: the data, the visible lists and, by the commitments, the witness. */
export interface ChallengeContent extends Deployment {
  readonly number: number;
  readonly form: BatchForm;
  readonly dataHashes: readonly Bytes32[];
  /** K. */
  readonly visibleHashes: readonly Bytes32[];
  /** K. */
  readonly commitments: readonly bigint[];
  /** K + 1. */
  readonly roots: readonly bigint[];
}

/**
 * z, 128 bits, one for all chunks of a batch. @throws RollupError INVALID_ADDRESS or OUT_OF_RANGE.
 * Twin: contracts/libraries/Headers.sol challenge.
 */
export function batchChallenge(content: ChallengeContent): bigint {
  const { chainId, contract, number, form, dataHashes, visibleHashes, commitments, roots } = content;
  const encoded = encodeAbi([
    CHALLENGE_TAG,
    chainId,
    requireAddress('contract', contract),
    number,
    formNumber(form),
    dataHashes,
    visibleHashes,
    commitments,
    roots,
  ]);
  return BigInt(keccak(encoded)) & ((1n << BigInt(CHALLENGE_BITS)) - 1n);
}
