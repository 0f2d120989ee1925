/** Decides what to do next with a transaction that is offered under one nonce, again and again. Pure. */

import { RollupError } from '@quittance/protocol';

const KNOWN = /already known|already imported|nonce too low|nonce has already been used|NONCE_EXPIRED/i;
/** Geth and its forks, reth, Nethermind of both spellings, Erigon. */
const RESERVED =
  /address already reserved|conflicts with existing transaction|PendingTxsOfConflictingType|pending transaction type conflict|replace blob-txn with a non-blob/i;
const UNDERPRICED = /underpriced|REPLACEMENT_UNDERPRICED|fee too low|replacement ?not ?allowed/i;

/**
 * Whether the node refused a transaction because of others with its nonce: it already has this one, one that pays more, or
 * one in a block. After any other refusal the same offer is not repeated.
 */
export function isNonceRefusal(error: unknown): boolean {
  const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string };
  const text = `${code} ${message}`;
  return UNDERPRICED.test(text) || KNOWN.test(text);
}

/**
 * Whether the node refused a transaction because the account has a pending one of the other kind: those with blobs and
 * those without replace their own kind only.
 */
export function isReservedRefusal(error: unknown): boolean {
  const { message = '' } = error as { readonly message?: string };
  return RESERVED.test(message);
}

/**
 * The nonce to use: the one after the last included transaction, since whatever is pending is ours and is replaced.
 *
 * @param wanted the one that the caller fixed, if any.
 * @throws RollupError NONCE_TAKEN or NONCE_AHEAD when that is not the account's next.
 */
export function chooseNonce(account: string, next: number, wanted: number | undefined): number {
  if (wanted === undefined || wanted === next) return next;
  if (wanted < next) throw nonceTaken(account, wanted);
  throw nonceAhead(account, next, wanted);
}

/** The error for a nonce that the account is not at yet, or not any more: a reorg may have taken transactions before it. */
export function nonceAhead(account: string, next: number, nonce: number): RollupError {
  const message = `the next nonce of ${account} is ${next}, the transaction was to use ${nonce}`;
  return new RollupError('NONCE_AHEAD', message, { account, nonce, next });
}

/** The error for a nonce that another transaction of the account used. */
export function nonceTaken(account: string, nonce: number): RollupError {
  return new RollupError('NONCE_TAKEN', `another transaction of ${account} used nonce ${nonce}`, { account, nonce });
}

/** The error for an account of which the node has a pending transaction of the other kind. */
export function accountReserved(account: string, nonce: number): RollupError {
  return new RollupError(
    'ACCOUNT_RESERVED',
    `L1 did not take the transaction with nonce ${nonce}: it has a pending one of ${account} that only one with blobs ` +
      'can replace if it has blobs, and only one without if it has none',
    { account, nonce },
  );
}

/** What L1 says after an offer. */
export interface OfferState {
  /** Whether the node took the last offer. */
  readonly isTaken: boolean;
  /** The account's next nonce, read before the receipts were looked up. */
  readonly nextNonce: number;
  /** Whether one of the offers is in a block. */
  readonly isIncluded: boolean;
  /** Whether a higher fee may be offered. */
  readonly canRaise: boolean;
}

/**
 * What to do after an offer: `end` when it is included; `giveUp` when another transaction has the nonce; `raise` at once
 * when others with the nonce pay more; else `wait`.
 */
export function afterOffer({ isTaken, nextNonce, isIncluded, canRaise }: OfferState, nonce: number) {
  if (isIncluded) return 'end';
  if (!isTaken && nextNonce > nonce) return 'giveUp';
  return isTaken || !canRaise ? 'wait' : 'raise';
}
