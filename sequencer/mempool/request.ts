/** Transfers as they come in, and the operations that they ask for. */

import {
  type Account,
  type Authorization,
  isSignedKind,
  NONCE_BITS,
  type Operation,
  packOperation,
  RecordKind,
  RollupError,
  readOperation,
  requireBits,
  shapeViolation,
  transferRecord,
  viewOf,
} from '@quittance/protocol';
import type { PaymentReference } from '../../storage/index.ts';
import { refusalOf } from '../apply.ts';

interface SignedRequest {
  readonly from: number;
  /** Base units. */
  readonly amount: bigint;
  readonly fee: bigint;
  /** The nonce that was signed. */
  readonly nonce: number;
  readonly authorization: Authorization;
  /** Nothing of it is checked but its length. */
  readonly reference?: PaymentReference;
}

/** A signed transfer with parsed numbers; kinds 1, 2, 3 and 7 of the record table. */
export type TransferRequest =
  | (SignedRequest & { readonly kind: 'transfer'; readonly to: number })
  | (SignedRequest & { readonly kind: 'transferToNew'; readonly toKeyY: bigint; readonly toOwner: bigint })
  | (SignedRequest & { readonly kind: 'withdraw' })
  | (SignedRequest & { readonly kind: 'move'; readonly destination: number; readonly toKeyY: bigint });

/** A signed transfer as its sender packed it; nothing of it is checked. */
export interface PackedRequest {
  readonly kind: 'packed';
  /** OPERATION_BYTES that nobody else writes to. */
  readonly bytes: Uint8Array;
  /** The nonce that was signed. */
  readonly nonce: number;
}

/** What can be submitted. */
export type Submission = TransferRequest | PackedRequest;

/** What the payment is for, where the sender says it; a packed one has no place for it. */
export function referenceOf(submission: Submission): PaymentReference | undefined {
  return submission.kind === 'packed' ? undefined : submission.reference;
}

/** An operation, and the same in OPERATION_BYTES. */
export interface PackedOperation {
  readonly operation: Operation;
  readonly packed: Uint8Array;
}

/** The refusal of a transfer from an account that does not exist. */
function senderEmpty(from: number): RollupError {
  return new RollupError('SENDER_EMPTY', `account ${from} does not exist`, { expected: 'an account', actual: from });
}

/** `to` of a transferToNew is 0 until the sequencer assigns it. */
function toOperation(request: TransferRequest, sender: Account): Operation {
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

function outOfRange(name: string, expected: string, actual: number): RollupError {
  return new RollupError('OUT_OF_RANGE', `${name} is ${actual}, expected ${expected}`, { name, expected, actual });
}

/** Refuses what a wallet cannot have meant, as schema and encoder do with JSON. */
function requireTransfer({ fields, words, authorization }: Operation): void {
  if (!isSignedKind(fields.kind)) throw outOfRange('kind', '1, 2, 3 or 7', fields.kind);
  if (authorization === undefined) throw outOfRange('the byte that announces the authorization', '1', 0);
  const violation = shapeViolation(fields, words);
  if (violation !== undefined) throw refusalOf(violation);
  if (fields.kind !== RecordKind.transferToNew) return;
  if (fields.to !== 0) throw outOfRange('the index of the new account', '0: the sequencer chooses it', fields.to);
  if (words[1] !== 0n) return;
  throw new RollupError('ZERO_OWNER', 'the owner of the new account is address 0: nobody could withdraw from it', {
    name: 'w1',
  });
}

/**
 * The operation that is asked for, with the account that pays: a withdrawal goes to its owner, a move to its owner elsewhere.
 *
 * @throws RollupError SENDER_EMPTY; NOT_REPRESENTABLE, OUT_OF_RANGE, ZERO_OWNER or a code of the record's shape.
 */
export function readSubmission(
  submission: Submission,
  accountOf: (index: number) => Account | undefined,
): PackedOperation & { readonly sender: Account } {
  requireBits('nonce', submission.nonce, NONCE_BITS);
  if (submission.kind === 'packed') {
    const operation = readOperation(viewOf(submission.bytes), 0);
    requireTransfer(operation);
    const sender = accountOf(operation.fields.from);
    if (sender === undefined) throw senderEmpty(operation.fields.from);
    return { operation, packed: submission.bytes, sender };
  }
  const sender = accountOf(submission.from);
  if (sender === undefined) throw senderEmpty(submission.from);
  const operation = toOperation(submission, sender);
  return { operation, packed: packOperation(operation), sender };
}

/** The same operation with the leaf of the account that it creates. */
export function withLeaf({ operation }: PackedOperation, leaf: number): PackedOperation {
  const complete = { ...operation, fields: { ...operation.fields, to: leaf } };
  return { operation: complete, packed: packOperation(complete) };
}
