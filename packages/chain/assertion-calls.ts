/** Calls of the Assertions contract: encoded from actions, and decoded where they carry a batch. */

import {
  type Account,
  type AssertionContent,
  addressText,
  formNumber,
  type StepLeaf,
  type StepWitness,
} from '@quittance/protocol';
import type { Result } from 'ethers';
import { assertionsInterface } from './assertion-abi.ts';
import type { AssertionAction, AssertionConstants, StepProof } from './assertion-types.ts';
import {
  decodeBatchArguments,
  decodeByteStrings,
  encodeBatchArguments,
  encodeProof,
  encodeSubmission,
  parseCall,
  toSubmission,
} from './decode.ts';
import type { TransactionCall } from './inclusion.ts';
import type { AssertionSubmission, BatchSubmission, TransactionContent } from './types.ts';

const encode = (name: string, ...args: readonly unknown[]) => assertionsInterface.encodeFunctionData(name, args);

/**
 * Most batches that one finalizeBatches gets, so that its gas stays far below a block's: proven ones wait in any number.
 */
export const MAX_FINALIZED_AT_ONCE = 16;

/** Calldata of assertBatch. */
export function encodeAssertion(submission: AssertionSubmission): string {
  const { chunks, authorizations, visible } = submission;
  return encode('assertBatch', ...encodeBatchArguments(submission), { chunks, authorizations, visible });
}

/**
 * The batch in a call of `assertBatch` or of either contract's `submitBatch`.
 *
 * @throws RollupError CALLDATA_UNREADABLE when it is no such call, L1_INCONSISTENT when its blobs do not go with it.
 */
export function decodeAssertionSubmission({
  data,
  blobHashes,
}: TransactionContent): AssertionSubmission | BatchSubmission {
  const { name, args } = parseCall(assertionsInterface, data, ['assertBatch', 'submitBatch']);
  if (name === 'submitBatch') return toSubmission(args, blobHashes);
  const list = args as unknown as Result[];
  return {
    ...decodeBatchArguments(list, blobHashes, 'evaluations'),
    authorizations: decodeByteStrings(list[2]!['authorizations'] as Result),
  };
}

const EMPTY_LEAF: Account = { keyY: 0n, owner: 0n, tokenId: 0, nonce: 0, balance: 0n };

function encodeLeaf({ account, siblings }: StepLeaf) {
  const { owner, ...leaf } = account ?? EMPTY_LEAF;
  return {
    exists: account !== undefined,
    leaf: { ...leaf, owner: addressText(owner) },
    siblings,
  };
}

/** A witness as the contracts take it: an empty leaf has a flag of its own and zeros. */
function encodeWitness({ from, to, keyX, r8X }: StepWitness) {
  return { from: encodeLeaf(from), to: encodeLeaf(to), keyX, r8X };
}

/** The content of an assertion as the contracts take it. */
function encodeContent({ form, ...content }: AssertionContent) {
  return { ...content, form: formNumber(form) };
}

/** Calldata of proveStep. */
function encodeStepProof(proof: StepProof): string {
  const content = encodeContent(proof.content);
  return encode('proveStep', { ...proof, content, witness: encodeWitness(proof.witness) });
}

function calldataOf(action: AssertionAction): string {
  switch (action.type) {
    case 'assertBatch':
      return encodeAssertion(action.submission);
    case 'submitBatch':
      return encodeSubmission(action.submission);
    case 'submitProofs': {
      const { assertionId, content, firstChunk, proofs } = action;
      return encode('submitProofs', assertionId, encodeContent(content), firstChunk, proofs.map(encodeProof));
    }
    case 'finalizeBatches':
      return encode('finalizeBatches', action.headers);
    case 'openDispute':
      return encode('openDispute', action.assertionId, action.headerHash, action.chunk);
    case 'answerDispute':
      return encode('answerDispute', action.assertionId, action.headerHash, action.chunk, action.commitments);
    case 'commitStep':
      return encode('commitStep', action.commitment);
    case 'proveStep':
      return encodeStepProof(action.proof);
    case 'rejectUnanswered':
      return encode('rejectUnanswered', action.assertionId, action.chunk);
    case 'settleDispute':
      return encode('settleDispute', action.disputeId);
    case 'releaseBond':
      return encode('releaseBond', action.assertionId);
    case 'collectCredit':
      return encode('collectCredit', action.receiver);
  }
}

/** An action as a transaction, with the bond that it needs. */
export function toAssertionCall(
  { address, assertionBond, disputeBond }: Pick<AssertionConstants, 'address' | 'assertionBond' | 'disputeBond'>,
  action: AssertionAction,
): TransactionCall {
  const bonds: Partial<Record<AssertionAction['type'], bigint>> = {
    assertBatch: assertionBond,
    openDispute: disputeBond,
  };
  const call = { to: address, data: calldataOf(action), value: bonds[action.type] ?? 0n };
  return action.type === 'assertBatch' && action.blobs !== undefined ? { ...call, blobs: action.blobs } : call;
}
