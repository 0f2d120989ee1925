/** A transfer as wallets send it, and the operation that it asks for. */

import {
  type Account,
  type Authorization,
  float16,
  float40,
  type Operation,
  OWNER_BITS,
  packOwnerAndToken,
  RecordKind,
  RollupError,
  requireBits,
  requireFieldElement,
} from '@quittance/protocol';

interface SignedRequest {
  readonly from: number;
  /** Base units. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** The nonce that was signed. */
  readonly nonce: number;
  readonly authorization: Authorization;
}

/** A signed transfer with parsed numbers; kinds 1, 2 and 3 of the record table. */
export type TransferRequest =
  | (SignedRequest & { readonly kind: 'transfer'; readonly to: number })
  | (SignedRequest & { readonly kind: 'transferToNew'; readonly toKeyY: bigint; readonly toOwner: bigint })
  | (SignedRequest & { readonly kind: 'withdraw' });

/**
 * The operation of a request. `to` of a transferToNew is 0 until the sequencer assigns it; a withdrawal needs
 * its sender.
 *
 * @throws RollupError NOT_REPRESENTABLE, OUT_OF_RANGE, INVALID_KEY or SENDER_EMPTY.
 */
export function toOperation(request: TransferRequest, sender: Account | undefined): Operation {
  const { kind, from, amount, fee, authorization } = request;
  const floats = { amountFloat: float40.encode(amount), feeFloat: Number(float16.encode(fee)) };
  if (kind === 'transfer') {
    return { fields: { kind: RecordKind.transfer, from, to: request.to, ...floats }, words: [], authorization };
  }
  if (kind === 'transferToNew') {
    const { toKeyY, toOwner } = request;
    requireFieldElement('toKeyY', toKeyY);
    requireBits('toOwner', toOwner, OWNER_BITS);
    if (toOwner === 0n) {
      throw new RollupError('OUT_OF_RANGE', 'toOwner is 0: nobody could withdraw from the account', {
        name: 'toOwner',
        actual: 0,
      });
    }
    return {
      fields: { kind: RecordKind.transferToNew, from, to: 0, ...floats },
      words: [toKeyY, toOwner, 0n],
      authorization,
    };
  }
  if (sender === undefined) throw senderEmpty(from);
  const words = [0n, packOwnerAndToken(sender.owner, sender.tokenId), amount];
  return { fields: { kind: RecordKind.withdraw, from, to: 0, ...floats }, words, authorization };
}

/** The refusal of a transfer from an account that does not exist. */
export function senderEmpty(from: number): RollupError {
  return new RollupError('SENDER_EMPTY', `account ${from} does not exist`, { expected: 'an account', actual: from });
}
