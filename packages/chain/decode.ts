/** Events and calldata of the contract as protocol types. */

import {
  decodeRecord,
  type Groth16Proof,
  proofFromWords,
  proofWords,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import { getBytes, type Interface, type Log, type Result, type TransactionDescription } from 'ethers';
import { rollupInterface } from './abi.ts';
import type { BatchSubmission, ClaimedWithdrawal, FinalizedBatch, L1Inclusion, PriorityRequest } from './types.ts';
import { unreadableLog } from './unreadable-log.ts';

/** Where a log was included. */
export function inclusionOf(log: Log): L1Inclusion {
  return { transactionHash: log.transactionHash, blockNumber: log.blockNumber, blockHash: log.blockHash };
}

function argumentsOf(log: Log): Result {
  const description = rollupInterface.parseLog(log);
  if (description === null) throw unreadableLog(log);
  return description.args;
}

/** A header as ethers decodes it. */
export function toHeader(header: Result): StoredHeader {
  return {
    number: Number(header['number']),
    time: Number(header['time']),
    parentHash: header['parentHash'] as string,
    stateRoot: header['stateRoot'] as bigint,
    chunksHash: header['chunksHash'] as string,
    withdrawalsRoot: header['withdrawalsRoot'] as string,
    withdrawalCount: Number(header['withdrawalCount']),
    priorityCount: Number(header['priorityCount']),
    transferToNewCount: Number(header['transferToNewCount']),
  };
}

/** PriorityRequested. */
export function decodePriorityRequest(log: Log): PriorityRequest {
  const args = argumentsOf(log);
  return {
    ...inclusionOf(log),
    queueIndex: Number(args['operationId']),
    fields: decodeRecord(args['record'] as bigint),
    words: [args['w0'] as bigint, args['w1'] as bigint, args['w2'] as bigint],
    deadline: Number(args['earliestDeadline']),
    fee: args['fee'] as bigint,
  };
}

/** BatchFinalized. */
export function decodeFinalizedBatch(log: Log): FinalizedBatch {
  const args = argumentsOf(log);
  return { ...inclusionOf(log), header: toHeader(args['header'] as Result), headerHash: args['headerHash'] as string };
}

/** WithdrawalClaimed. */
export function decodeClaim(log: Log): ClaimedWithdrawal {
  const args = argumentsOf(log);
  return {
    ...inclusionOf(log),
    batch: Number(args['number']),
    index: Number(args['index']),
    owner: args['owner'] as string,
    tokenId: Number(args['tokenId']),
    amount: args['amount'] as bigint,
  };
}

/** The order of the EVM's pairing (imaginary part first) from ours (real part first), and back: it swaps pairs. */
const EVM_ORDER = [0, 1, 3, 2, 5, 4, 6, 7] as const;

/** The words of a proof as a contract takes them. */
export function encodeProof(proof: Groth16Proof): readonly bigint[] {
  return EVM_ORDER.map((index) => proofWords(proof)[index]!);
}

function decodeProof(proof: Result): Groth16Proof {
  const words = proof.toArray() as bigint[];
  return proofFromWords(EVM_ORDER.map((index) => words[index]!));
}

/** What both contracts take of a batch: everything but proofs or authorizations. */
type BatchArguments = Omit<BatchSubmission, 'proofs'>;

/** Parent, batch and chunks as ethers encodes them: the first three arguments of `submitBatch` and `assertBatch`. */
export function encodeBatchArguments(submission: BatchArguments): readonly unknown[] {
  const { parent, number, time, roots, commitments, feeTokens, chunks } = submission;
  return [parent, { number, time, roots, commitments, feeTokens }, chunks];
}

/** Inverse of `encodeBatchArguments`. */
export function decodeBatchArguments([parent, batch, chunks]: readonly Result[]): BatchArguments {
  const numbers = (list: unknown): bigint[] => (list as Result).toArray() as bigint[];
  return {
    parent: toHeader(parent!),
    number: Number(batch!['number']),
    time: Number(batch!['time']),
    roots: numbers(batch!['roots']),
    commitments: numbers(batch!['commitments']),
    feeTokens: numbers(batch!['feeTokens']),
    chunks: decodeByteStrings(chunks!),
  };
}

/** bytes[] as ethers decodes it. */
export function decodeByteStrings(list: Result): Uint8Array[] {
  return (list.toArray() as string[]).map((bytes) => getBytes(bytes));
}

/** Calldata of submitBatch, which both contracts have. */
export function encodeSubmission(submission: BatchSubmission): string {
  return rollupInterface.encodeFunctionData('submitBatch', [
    ...encodeBatchArguments(submission),
    submission.proofs.map(encodeProof),
  ]);
}

/** Takes calldata apart. @throws RollupError CALLDATA_UNREADABLE when it is no call of one of these functions. */
export function parseCall(abi: Interface, calldata: string, names: readonly string[]): TransactionDescription {
  let call: TransactionDescription | null;
  try {
    call = abi.parseTransaction({ data: calldata });
  } catch (error) {
    const expected = names.join(' or ');
    throw new RollupError(
      'CALLDATA_UNREADABLE',
      `the calldata cannot be decoded as ${expected}`,
      { expected },
      { cause: error },
    );
  }
  if (call === null || !names.includes(call.name)) {
    const expected = names.join(' or ');
    throw new RollupError('CALLDATA_UNREADABLE', `the calldata is no call of ${expected}`, {
      expected,
      actual: call?.name,
    });
  }
  return call;
}

/** The arguments of a call of `submitBatch` as ethers decodes them. */
export function toSubmission(args: Result): BatchSubmission {
  const list = args as unknown as Result[];
  return { ...decodeBatchArguments(list), proofs: (list[3]!.toArray() as Result[]).map(decodeProof) };
}

/** Inverse of `encodeSubmission`. @throws RollupError CALLDATA_UNREADABLE when it is no call of submitBatch. */
export function decodeSubmission(calldata: string): BatchSubmission {
  return toSubmission(parseCall(rollupInterface, calldata, ['submitBatch']).args);
}
