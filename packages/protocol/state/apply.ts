/** The transition function: one record on one state, pure. Source: docs/protocol.md, Rules. */

import type { Hasher } from '../hash.ts';
import { requireBits } from '../integers.ts';
import type { SignatureVerifier } from '../keys/eddsa.ts';
import { TIME_BITS } from '../params.ts';
import {
  applyCollectFee,
  applyDeposit,
  applyForcedExit,
  applyMove,
  applyNoop,
  applyTransfer,
  applyTransferToNew,
  applyWithdraw,
  encodeRecord,
  float16,
  float40,
  type Step,
  shapeViolation,
} from '../records/index.ts';
import { type Account, type ChunkContext, type Operation, type Outcome, RecordKind } from '../types.ts';
import { transactionMessage } from './message.ts';

/** Read access to accounts; undefined is an empty leaf. */
export interface StateView {
  get(index: number): Account | undefined;
}

/** The cryptography that the composition root injects. */
export interface Crypto {
  readonly hasher: Hasher;
  readonly verifier: SignatureVerifier;
}

const RULES: Readonly<Record<RecordKind, (step: Step) => Outcome>> = {
  [RecordKind.noop]: applyNoop,
  [RecordKind.transfer]: applyTransfer,
  [RecordKind.transferToNew]: applyTransferToNew,
  [RecordKind.withdraw]: applyWithdraw,
  [RecordKind.deposit]: applyDeposit,
  [RecordKind.forcedExit]: applyForcedExit,
  [RecordKind.collectFee]: applyCollectFee,
  [RecordKind.move]: applyMove,
};

/** (a, b) of the signed message: whom the money goes to. */
function receiverOf({ fields, words }: Operation, receiver: Account | undefined): { keyY: bigint; owner: bigint } {
  if (fields.kind === RecordKind.transfer && receiver !== undefined) return receiver;
  if (fields.kind === RecordKind.transferToNew) return { keyY: words[0]!, owner: words[1]! };
  return { keyY: fields.kind === RecordKind.move ? words[0]! : 0n, owner: 0n };
}

/**
 * The one outcome of an operation: its effects, or the first rule that it breaks.
 * Twin: circuits/lib/slot.circom Slot.
 * Twin: contracts/step/StepVerifier.sol executeStep.
 * Twin: native/core/src/engine/rules.rs apply.
 *
 * @param fees the four fee sums before the record.
 * @throws RollupError OUT_OF_RANGE when a field is wider than its place in the record (no record has such a field).
 */
export function applyOperation(
  crypto: Crypto,
  view: StateView,
  operation: Operation,
  context: ChunkContext,
  fees: readonly bigint[],
): Outcome {
  const { fields, words, authorization } = operation;
  encodeRecord(fields); // refuses what no record can say, before any rule compares it
  const violation = shapeViolation(fields, words);
  if (violation !== undefined) return { valid: false, invalid: violation };
  if (authorization !== undefined) requireBits('validUntil', authorization.validUntil, TIME_BITS);
  const receiver = view.get(fields.to);
  const messageOf = (sender: Account) => {
    const { keyY, owner } = receiverOf(operation, receiver);
    return transactionMessage(crypto.hasher, {
      domain: context.domain,
      fields,
      nonce: sender.nonce,
      validUntil: authorization?.validUntil ?? 0,
      receiverKeyY: keyY,
      receiverOwner: owner,
    });
  };
  const isAuthorized = (sender: Account, message: bigint) =>
    authorization !== undefined &&
    crypto.verifier.verify({
      key: { x: authorization.keyX, y: sender.keyY },
      signature: { r8: authorization.r8, s: authorization.s },
      message,
    });
  return RULES[fields.kind as RecordKind]({
    fields,
    words,
    amount: float40.decode(fields.amountFloat),
    fee: float16.decode(BigInt(fields.feeFloat)),
    sender: view.get(fields.from),
    receiver,
    context,
    fees,
    authorization,
    messageOf,
    isAuthorized,
  });
}
