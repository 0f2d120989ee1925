/** The terms of a payment, checked before anything is signed. */

import type { Intent } from '../sign.ts';
import { accountsOfOwner, pickAccount } from './accounts.ts';
import { amountToSign } from './amounts.ts';
import type { Connection } from './connection.ts';
import { requireProportion, suggestedFee } from './fees.ts';
import { referenceBytes } from './references.ts';
import type { TokenInfo, TokenRef, TransferRequest } from './types.ts';
import { randomValidUntil } from './validity.ts';

/** How long a suggested fee is taken for the next payment, too. */
const FEE_AGE_MS = 2_000;

/** What an intent has besides who is paid. */
export type Common = Omit<Extract<Intent, { kind: 'withdraw' }>, 'kind' | 'account'>;

/** A payment whose terms are known, before it has a nonce. */
export interface Terms {
  readonly token: TokenInfo;
  readonly common: Omit<Common, 'nonce'>;
  readonly reference: Uint8Array | undefined;
}

/** What all payments ask for. */
export type PaymentRequest = Omit<TransferRequest, 'to'>;

/**
 * Finds the terms of payments of one wallet.
 *
 * @returns what throws RollupError OUT_OF_RANGE, NOT_REPRESENTABLE, WRONG_LENGTH, NOT_FOUND or FEE_DISPROPORTIONATE, as the
 * client's `call`, or the reason of the signal or of closing the wallet.
 */
export function createTerms(
  { own, clock, closed, sequencer }: Connection,
  findToken: (ref: TokenRef) => Promise<TokenInfo>,
): (request: PaymentRequest) => Promise<Terms> {
  const suggested = new Map<number, { readonly untilMs: number; readonly fee: Promise<bigint> }>();
  /** Own accounts by token: an account keeps its index. */
  const accounts = new Map<number, number>();

  /** What the sequencer suggests, asked for once for payments that are made together. */
  function feeNow(tokenId: number): Promise<bigint> {
    const known = suggested.get(tokenId);
    if (known !== undefined && clock.nowMs() < known.untilMs) return known.fee;
    const fee = suggestedFee(sequencer('the fee'), tokenId);
    suggested.set(tokenId, { untilMs: clock.nowMs() + FEE_AGE_MS, fee });
    fee.catch(() => suggested.delete(tokenId));
    return fee;
  }

  async function ownAccount(tokenId: number): Promise<number> {
    const known = accounts.get(tokenId);
    if (known !== undefined) return known;
    const all = await accountsOfOwner(sequencer('a payment'), own.owner);
    const { index } = pickAccount(all, own, tokenId);
    accounts.set(tokenId, index);
    return index;
  }

  return async (request) => {
    request.signal?.throwIfAborted();
    closed.signal.throwIfAborted();
    const amount = amountToSign(request.amount, request.roundDown === true);
    const reference = request.reference === undefined ? undefined : referenceBytes(request.reference);
    const validUntil = randomValidUntil(clock.nowMs(), request.validForSeconds);
    const token = await findToken(request.token ?? 0);
    const from = await ownAccount(token.tokenId);
    const fee = request.fee ?? requireProportion(await feeNow(token.tokenId), amount);
    return { token, reference, common: { from, amount, fee, validUntil } };
  };
}
