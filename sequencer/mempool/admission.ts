/** Judges transfers against the pending state: what is cheap before their signatures are checked, the rules once, after that. */

import {
  type Account,
  applyOperation,
  type ChunkContext,
  type Effects,
  RecordKind,
  RollupError,
  writeMessage,
} from '@quittance/protocol';
import { unixSeconds } from '../../runtime/index.ts';
import type { PaymentReference } from '../../storage/index.ts';
import { applyTrusted, NO_FEES, nonceRefusal, refusalOf } from '../apply.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Foreseen } from './foreseen.ts';
import { FORGED, isHopeless, refuseHopeless } from './hopeless.ts';
import type { Ledger } from './ledger.ts';
import { checkBalance, checkKeys, checkTerms, keysOf, type PolicyOptions } from './policy.ts';
import { type PackedOperation, readSubmission, referenceOf, type Submission, withLeaf } from './request.ts';

/** A transfer, with the accounts that its signature speaks of. */
export interface Candidate extends PackedOperation {
  /** The nonce that was signed. */
  readonly nonce: number;
  readonly sender: Account;
  /** Kind 1: the account that the signature names as receiver. */
  readonly receiver: Account | undefined;
  readonly reference: PaymentReference | undefined;
}

/** A transfer that is valid, and what it does to the pending state. */
export interface Judged extends PackedOperation {
  readonly effects: Effects;
}

/** Judges transfers. */
export interface Admission {
  /** The operation of a transfer, whatever else may be wrong with it. @throws RollupError when it cannot have an id. */
  read(submission: Submission): Candidate;
  /** Writes what its id is the hash of, MESSAGE_BYTES at `offset`. */
  writeMessage(target: DataView, offset: number, candidate: Candidate): void;
  /**
   * Refuses what no signature and no earlier transfer of the same group can make valid.
   *
   * @param earlier what those before it that are not judged yet may do to the account of its sender.
   * @throws RollupError with the reason.
   */
  precheck(candidate: Candidate, earlier: Foreseen, judging: ChunkContext): void;
  /** Has the keys of those whose signatures are good checked off the main thread, so that judging looks them up. */
  learnKeys(candidates: readonly Candidate[]): Promise<void>;
  /** The context that transfers are judged in at this moment. */
  judgingContext(): ChunkContext;
  /** Judges one whose signature is good. @throws RollupError with the first broken rule. */
  judge(candidate: Candidate, judging: ChunkContext): Judged;
  /** Refuses one whose signature is bad. @throws RollupError with a rule that comes before that of the signature, or with that. */
  refuseForged(candidate: Candidate, judging: ChunkContext): never;
}

export interface AdmissionOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly policy: PolicyOptions;
}

function badSignature(): RollupError {
  return new RollupError(
    'BAD_SIGNATURE',
    'the signature does not verify for this record, nonce, expiry and receiver on this chain and contract',
    { expected: 'a signature by the key of the sender', actual: 'another' },
  );
}

function changed(): RollupError {
  return new RollupError('ACCOUNT_CHANGED', 'sender or receiver changed while the transfer was checked');
}

/** What the signature says of who is paid. */
function receiverOf({ operation, receiver }: Candidate): { receiverKeyY: bigint; receiverOwner: bigint } {
  const { fields, words } = operation;
  if (receiver !== undefined) return { receiverKeyY: receiver.keyY, receiverOwner: receiver.owner };
  const isNew = fields.kind === RecordKind.transferToNew;
  const isPaidOut = fields.kind === RecordKind.withdraw;
  return { receiverKeyY: isPaidOut ? 0n : words[0]!, receiverOwner: isNew ? words[1]! : 0n };
}

/** Admission against the pending state of `ledger`. */
export function createAdmission({ context, ledger, policy }: AdmissionOptions): Admission {
  const { config, clock, constants } = context;
  const accountOf = (index: number): Account | undefined => ledger.pending.get(index);

  /** The operation with the leaf of the account that it creates. */
  const complete = (candidate: Candidate): PackedOperation =>
    candidate.operation.fields.kind === RecordKind.transferToNew
      ? withLeaf(candidate, ledger.leaves.peek())
      : candidate;

  return {
    read(submission) {
      const { operation, packed, sender } = readSubmission(submission, accountOf);
      const { kind, to } = operation.fields;
      const receiver = kind === RecordKind.transfer ? accountOf(to) : undefined;
      if (kind === RecordKind.transfer && receiver === undefined) {
        const data = { expected: 'an account', actual: to };
        throw new RollupError('RECEIVER_EMPTY', `account ${to} does not exist`, data);
      }
      return { operation, packed, nonce: submission.nonce, sender, receiver, reference: referenceOf(submission) };
    },
    writeMessage(target, offset, candidate) {
      const { nonce, packed } = candidate;
      const message = { domain: constants.domain, nonce, ...receiverOf(candidate) };
      writeMessage(target, offset, new DataView(packed.buffer, packed.byteOffset), message);
    },
    precheck(candidate, earlier, judging) {
      const { operation, nonce, sender } = candidate;
      const refusal = nonceRefusal(sender, operation.fields.from, nonce);
      if (refusal !== undefined && (nonce < sender.nonce || nonce > sender.nonce + earlier.sent))
        throw refusalOf(refusal);
      checkTerms(policy, operation, sender);
      checkBalance(operation, sender, earlier.received);
      if (isHopeless(candidate, judging)) refuseHopeless({ ...candidate, ...complete(candidate) }, judging);
    },
    learnKeys: (candidates) =>
      policy.keys.learn(candidates.flatMap(({ operation, sender }) => keysOf(operation, sender))),
    // By the latest time at which the batch may be sealed, so that nothing is accepted only to be dropped.
    judgingContext: () => ({
      ...pendingContext(context),
      batchTime: unixSeconds(clock) + Math.ceil(config.sealAfterMs / 1_000) + config.expiryMarginSeconds,
    }),
    judge(candidate, judging) {
      const { operation, nonce, sender, receiver } = candidate;
      const { from, to } = operation.fields;
      // Since the signature was checked, a drop may have freed the leaf for another account.
      const receiverNow = receiver === undefined ? undefined : accountOf(to);
      const isSameReceiver = receiverNow?.keyY === receiver?.keyY && receiverNow?.owner === receiver?.owner;
      if (accountOf(from)?.keyY !== sender.keyY || !isSameReceiver) throw changed();
      const completed = complete(candidate);
      const applied = applyTrusted(ledger.pending, completed.operation, nonce, judging);
      if ('refusal' in applied) throw refusalOf(applied.refusal);
      checkKeys(policy, operation, sender);
      return { ...completed, effects: applied.effects };
    },
    refuseForged(candidate, judging) {
      const { operation } = complete(candidate);
      const outcome = applyOperation(FORGED, ledger.pending, operation, judging, NO_FEES);
      throw outcome.valid || outcome.invalid.code === 'BAD_SIGNATURE' ? badSignature() : refusalOf(outcome.invalid);
    },
  };
}
