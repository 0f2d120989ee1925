/** The rules of one slot in a batch, with its signature judged as the caller of an engine wants. */

import { readWord, viewOf } from '../little-endian.ts';
import { FEE_TOKEN_COUNT, WORD_BYTES } from '../params.ts';
import { isSignedKind } from '../records/kinds.ts';
import { applyOperation, type Crypto, type StateView } from '../state/apply.ts';
import type { ChunkContext, Operation, Outcome } from '../types.ts';
import type { RefusedSlot, SignatureJudge } from './engine.ts';

/** The four fee sums before the first slot of a chunk, and after its last. */
export const NO_FEES: readonly bigint[] = Array.from({ length: FEE_TOKEN_COUNT }, () => 0n);

/** Stands in where a signature is believed and there is none. It never expires. */
export const BELIEVED = { validUntil: 0, keyX: 0n, r8: { x: 0n, y: 1n }, s: 0n } as const;
const BELIEVER = { verify: () => true };

/**
 * `applyOperation` with a signature that is believed, verified, or compared with an id. Without an authorization only who
 * believes takes a record that is signed.
 *
 * @param position of the slot in its batch: chunk k of M slots begins at k·M.
 * @throws RollupError OUT_OF_RANGE as `applyOperation`.
 */
export function judgeOperation(
  crypto: Crypto,
  view: StateView,
  operation: Operation,
  at: {
    readonly context: ChunkContext;
    readonly fees: readonly bigint[];
    readonly signatures: SignatureJudge;
    readonly position: number;
  },
): Outcome {
  const { context, fees, signatures, position } = at;
  if (signatures === 'verified') return applyOperation(crypto, view, operation, context, fees);
  if (signatures === 'believed') {
    const isMissing = isSignedKind(operation.fields.kind) && operation.authorization === undefined;
    const believed = isMissing ? { ...operation, authorization: BELIEVED } : operation;
    return applyOperation({ hasher: crypto.hasher, verifier: BELIEVER }, view, believed, context, fees);
  }
  const { ids } = signatures;
  const verifier = {
    verify: ({ message }: { readonly message: bigint }) => message === readWord(viewOf(ids), WORD_BYTES * position),
  };
  return applyOperation({ hasher: crypto.hasher, verifier }, view, operation, context, fees);
}

/** What is wrong with a chunk that ends with these fee sums; undefined when they are 0. */
export function feesLeft(fees: readonly bigint[]): Omit<RefusedSlot, 'chunk' | 'slot'> | undefined {
  if (fees.every((sum) => sum === 0n)) return undefined;
  const message = `fee sums at the end of the chunk are ${fees}, expected 0`;
  return { code: 'FEES_NOT_COLLECTED', message, expected: NO_FEES.join(), actual: fees.join() };
}
