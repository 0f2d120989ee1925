/** Applies operations whose signatures were checked at admission, without hashing. */

import {
  type Account,
  applyOperation,
  type ChunkContext,
  type Crypto,
  type Effects,
  type ErrorCode,
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

/** Four fee sums of 0. */
export const NO_FEES: readonly bigint[] = [0n, 0n, 0n, 0n];

const EXPLAINED_BY_NONCE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BAD_SIGNATURE', 'INSUFFICIENT_BALANCE']);

/** Why `nonce` is not the one that the account at `index` expects, if it is not. */
export function nonceRefusal(sender: Pick<Account, 'nonce'>, index: number, nonce: number): Refusal | undefined {
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
 * The refusal of a transfer, or that of its nonce: a wrong one is the better explanation where it also invalidates the
 * signature or the balance.
 *
 * @param ofNonce what is wrong with the nonce, if anything is.
 */
export function explain(refusal: Refusal, ofNonce: Refusal | undefined): Refusal {
  return EXPLAINED_BY_NONCE.has(refusal.code) ? (ofNonce ?? refusal) : refusal;
}

/**
 * Applies `operation` to `view` by the rules of docs/protocol.md, without writing.
 *
 * @param nonce the nonce that was signed; the record has none, so a wrong one is found here. Ignored for unsigned kinds.
 */
export function applyTrusted(view: StateView, operation: Operation, nonce: number, context: ChunkContext): Applied {
  const outcome = applyOperation(TRUSTED, view, operation, context, NO_FEES);
  const { kind, from } = operation.fields;
  const sender = isSignedKind(kind) ? view.get(from) : undefined;
  const refusal = sender === undefined ? undefined : nonceRefusal(sender, from, nonce);
  if (!outcome.valid) return { refusal: explain(outcome.invalid, refusal) };
  return refusal === undefined ? { effects: outcome.effects } : { refusal };
}
