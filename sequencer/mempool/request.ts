/** A transfer as wallets send it, and the operation that it asks for. */

import { type Account, type Authorization, type Operation, RollupError, transferRecord } from '@quittance/protocol';

interface SignedRequest {
  readonly from: number;
  /** Base units. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** The nonce that was signed. */
  readonly nonce: number;
  readonly authorization: Authorization;
}

/** A signed transfer with parsed numbers; kinds 1, 2, 3 and 7 of the record table. */
export type TransferRequest =
  | (SignedRequest & { readonly kind: 'transfer'; readonly to: number })
  | (SignedRequest & { readonly kind: 'transferToNew'; readonly toKeyY: bigint; readonly toOwner: bigint })
  | (SignedRequest & { readonly kind: 'withdraw' })
  | (SignedRequest & { readonly kind: 'move'; readonly destination: number; readonly toKeyY: bigint });

/**
 * The operation of a request. `to` of a transferToNew is 0 until the sequencer assigns it.
 *
 * @param sender The paying account: a withdrawal goes to its owner, a move to its owner elsewhere.
 * @throws RollupError NOT_REPRESENTABLE, OUT_OF_RANGE or ZERO_OWNER.
 */
export function toOperation(request: TransferRequest, sender: Account): Operation {
  const { authorization } = request;
  if (request.kind === 'transferToNew') {
    const receiver = { keyY: request.toKeyY, owner: request.toOwner };
    return { ...transferRecord({ ...request, receiver }), authorization };
  }
  if (request.kind === 'move') {
    return { ...transferRecord({ ...request, keyY: request.toKeyY, account: sender }), authorization };
  }
  const record = transferRecord(request.kind === 'withdraw' ? { ...request, account: sender } : request);
  return { ...record, authorization };
}

/** The refusal of a transfer from an account that does not exist. */
export function senderEmpty(from: number): RollupError {
  return new RollupError('SENDER_EMPTY', `account ${from} does not exist`, { expected: 'an account', actual: from });
}
