/** Applies operations whose signatures were checked at admission, without hashing. */

import {
  type Account,
  applyOperation,
  type ChunkContext,
  type Crypto,
  type Effects,
  type ErrorCode,
  type Hasher,
  isSignedKind,
  type Operation,
  RollupError,
  type StateView,
} from '@quittance/protocol';

/** Why an operation cannot be executed. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
}

/** A refusal as it is told to the sender. */
export function refusalOf({ code, message, expected, actual }: Refusal): RollupError {
  return new RollupError(code, message, { expected, actual });
}

/** The effects of an operation, or why it has none. */
export type Applied = { readonly effects: Effects } | { readonly refusal: Refusal };

/** For operations whose signature over this very record and nonce is known to be good, where no id is needed. */
const TRUSTED: Crypto = { hasher: { hash: () => 0n }, verifier: { verify: () => true } };

/** Replaces the signature check: the signature was good for this id, so the id must still be the same. */
export function sameIdAs(hasher: Hasher, id: bigint): Crypto {
  return { hasher, verifier: { verify: ({ message }) => message === id } };
}

/** Four fee sums of 0. */
export const NO_FEES: readonly bigint[] = [0n, 0n, 0n, 0n];

const EXPLAINED_BY_NONCE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BAD_SIGNATURE', 'INSUFFICIENT_BALANCE']);

/** Why `nonce` is not the one that the account at `index` expects, if it is not. */
export function nonceRefusal(sender: Account, index: number, nonce: number): Refusal | undefined {
  if (sender.nonce === nonce) return undefined;
  const isUsed = nonce < sender.nonce;
  return {
    code: isUsed ? 'NONCE_USED' : 'NONCE_GAP',
    message: `nonce ${nonce} was signed, account ${index} expects ${sender.nonce}`,
    expected: String(sender.nonce),
    actual: String(nonce),
  };
}

/**
 * Applies `operation` to `view` by the rules of docs/protocol.md, without writing.
 *
 * @param nonce the nonce that was signed; the record has none, so a wrong one is found here. Ignored for unsigned kinds.
 * @param fees fee sums before the operation.
 * @param crypto `sameIdAs` where the receiver may have changed since the signature was checked.
 */
export function applyTrusted(
  view: StateView,
  operation: Operation,
  nonce: number,
  context: ChunkContext,
  fees: readonly bigint[] = NO_FEES,
  crypto: Crypto = TRUSTED,
): Applied {
  const outcome = applyOperation(crypto, view, operation, context, fees);
  const { kind, from } = operation.fields;
  const sender = isSignedKind(kind) ? view.get(from) : undefined;
  const refusal = sender === undefined ? undefined : nonceRefusal(sender, from, nonce);
  if (!outcome.valid) {
    // A wrong nonce is the better explanation when it also invalidates the signature or the balance.
    return { refusal: EXPLAINED_BY_NONCE.has(outcome.invalid.code) ? (refusal ?? outcome.invalid) : outcome.invalid };
  }
  return refusal === undefined ? { effects: outcome.effects } : { refusal };
}
