/** Judges transfers against the pending state, in two steps around the signature check. */

import {
  type Account,
  type ChunkContext,
  type ErrorCode,
  type Operation,
  RecordKind,
  RollupError,
  type SignatureCheck,
  transactionMessage,
} from '@quittance/protocol';
import { unixSeconds } from '../../runtime/index.ts';
import { applyTrusted, type Refusal } from '../apply.ts';
import { pendingContext, type SequencerContext } from '../context.ts';
import type { Ledger } from './ledger.ts';
import { checkPolicy, type PolicyOptions } from './policy.ts';
import { senderEmpty, type TransferRequest, toOperation } from './request.ts';

/** A transfer that is valid if its signature is. */
export interface Candidate {
  readonly request: TransferRequest;
  readonly operation: Operation;
  /** Transaction id. */
  readonly id: bigint;
  readonly check: SignatureCheck;
  /** Kind 1: the account that the signature names as receiver. */
  readonly receiver: Account | undefined;
}

/** Judges transfers. */
export interface Admission {
  /** Computes the id of a transfer, whatever else may be wrong with it. @throws RollupError when it cannot have one. */
  identify(request: TransferRequest): Candidate;
  /** Refuses early what no other transfer of the same group can make valid. @throws RollupError with the reason. */
  precheck(candidate: Candidate): void;
  /** The operation to log, with the index of a new account. @throws RollupError with the first broken rule. */
  finish(candidate: Candidate): Operation;
}

export interface AdmissionOptions {
  readonly context: SequencerContext;
  readonly ledger: Ledger;
  readonly policy: PolicyOptions;
}

/** Refusals that may no longer hold once earlier transfers of the group are admitted. */
const CURABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['INSUFFICIENT_BALANCE', 'NONCE_GAP']);

function refuse({ code, message, expected, actual }: Refusal): never {
  throw new RollupError(code, message, { expected, actual });
}

/** What the signature says of who is paid. */
function receiverOf(
  request: TransferRequest,
  receiver: Account | undefined,
): { readonly receiverKeyY: bigint; readonly receiverOwner: bigint } {
  switch (request.kind) {
    case 'transfer':
      return { receiverKeyY: receiver!.keyY, receiverOwner: receiver!.owner };
    case 'transferToNew':
      return { receiverKeyY: request.toKeyY, receiverOwner: request.toOwner };
    case 'withdraw':
      return { receiverKeyY: 0n, receiverOwner: 0n };
    case 'move':
      return { receiverKeyY: request.toKeyY, receiverOwner: 0n };
  }
}

/** Admission against the pending state of `ledger`. */
export function createAdmission({ context, ledger, policy }: AdmissionOptions): Admission {
  const { config, clock, constants, crypto } = context;

  /** Judges by the latest time at which the batch may be sealed, so that nothing is accepted only to be dropped. */
  const judgingContext = (): ChunkContext => ({
    ...pendingContext(context),
    batchTime: unixSeconds(clock) + Math.ceil(config.sealAfterMs / 1_000) + config.expiryMarginSeconds,
  });

  const judge = (operation: Operation, nonce: number): Refusal | undefined => {
    const applied = applyTrusted(ledger.pending, operation, nonce, judgingContext());
    return 'refusal' in applied ? applied.refusal : undefined;
  };

  /** The operation with the leaf of the account that it creates. */
  const withLeaf = (operation: Operation): Operation =>
    operation.fields.kind === RecordKind.transferToNew
      ? { ...operation, fields: { ...operation.fields, to: ledger.leaves.peek() } }
      : operation;

  return {
    identify(request) {
      const sender = ledger.pending.get(request.from);
      if (sender === undefined) throw senderEmpty(request.from);
      const operation = toOperation(request, sender);
      const receiver = request.kind === 'transfer' ? ledger.pending.get(request.to) : undefined;
      if (request.kind === 'transfer' && receiver === undefined) {
        throw new RollupError('RECEIVER_EMPTY', `account ${request.to} does not exist`, {
          expected: 'an account',
          actual: request.to,
        });
      }
      const id = transactionMessage(crypto.hasher, {
        domain: constants.domain,
        fields: operation.fields,
        nonce: request.nonce,
        validUntil: request.authorization.validUntil,
        ...receiverOf(request, receiver),
      });
      const { keyX, r8, s } = request.authorization;
      const check = { key: { x: keyX, y: sender.keyY }, signature: { r8, s }, message: id };
      return { request, operation, id, check, receiver };
    },
    precheck({ request, operation }) {
      const refusal = judge(withLeaf(operation), request.nonce);
      if (refusal !== undefined && !CURABLE.has(refusal.code)) refuse(refusal);
      checkPolicy(policy, request, ledger.pending.get(request.from)!);
    },
    finish({ request, operation, check, receiver }) {
      // Since the signature was checked, a drop may have freed the leaf for another account.
      const isSameSender = ledger.pending.get(request.from)?.keyY === check.key.y;
      const receiverNow = request.kind === 'transfer' ? ledger.pending.get(request.to) : undefined;
      if (!isSameSender || receiverNow?.keyY !== receiver?.keyY || receiverNow?.owner !== receiver?.owner) {
        throw new RollupError(
          'BAD_SIGNATURE',
          'sender or receiver changed while the transfer was checked; send it again',
        );
      }
      const complete = withLeaf(operation);
      const refusal = judge(complete, request.nonce);
      if (refusal !== undefined) refuse(refusal);
      return complete;
    },
  };
}
