/** Events and calldata of the contract as protocol types. */

import { getBytes, type Log, type Result, type TransactionDescription } from 'ethers';
import { decodeRecord, type Groth16Proof, RollupError, type StoredHeader } from '../protocol/index.ts';
import { rollupInterface } from './abi.ts';
import type { BatchSubmission, ClaimedWithdrawal, FinalizedBatch, L1Inclusion, PriorityRequest } from './types.ts';

function inclusionOf(log: Log): L1Inclusion {
  return { transactionHash: log.transactionHash, blockNumber: log.blockNumber, blockHash: log.blockHash };
}

function argumentsOf(log: Log): Result {
  const description = rollupInterface.parseLog(log);
  if (description === null)
    throw new RollupError('MALFORMED', `log ${log.index} of block ${log.blockNumber} is none of ours`);
  return description.args;
}

function toHeader(header: Result): StoredHeader {
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
    deadline: Number(args['deadline']),
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

/** The order of the EVM's pairing (imaginary part first) from ours (real part first). */
export function encodeProof({ a, b, c }: Groth16Proof): readonly bigint[] {
  return [a[0], a[1], b[0][1], b[0][0], b[1][1], b[1][0], c[0], c[1]];
}

function decodeProof(proof: Result): Groth16Proof {
  const [aX, aY, bXImaginary, bXReal, bYImaginary, bYReal, cX, cY] = proof.toArray() as bigint[] as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return {
    a: [aX, aY],
    b: [
      [bXReal, bXImaginary],
      [bYReal, bYImaginary],
    ],
    c: [cX, cY],
  };
}

/** Calldata of submitBatch. */
export function encodeSubmission({
  parent,
  number,
  time,
  roots,
  commitments,
  feeTokens,
  chunks,
  proofs,
}: BatchSubmission): string {
  return rollupInterface.encodeFunctionData('submitBatch', [
    parent,
    { number, time, roots, commitments, feeTokens },
    chunks,
    proofs.map(encodeProof),
  ]);
}

/** Inverse of `encodeSubmission`. @throws RollupError MALFORMED when it is no call of submitBatch. */
export function decodeSubmission(calldata: string): BatchSubmission {
  let call: TransactionDescription | null;
  try {
    call = rollupInterface.parseTransaction({ data: calldata });
  } catch (error) {
    throw new RollupError('MALFORMED', 'the calldata cannot be decoded', {}, { cause: error });
  }
  if (call?.name !== 'submitBatch') throw new RollupError('MALFORMED', 'the calldata is no call of submitBatch');
  const [parent, batch, chunks, proofs] = call.args as unknown as [Result, Result, Result, Result];
  const numbers = (list: unknown): bigint[] => (list as Result).toArray() as bigint[];
  return {
    parent: toHeader(parent),
    number: Number(batch['number']),
    time: Number(batch['time']),
    roots: numbers(batch['roots']),
    commitments: numbers(batch['commitments']),
    feeTokens: numbers(batch['feeTokens']),
    chunks: (chunks.toArray() as string[]).map((chunk) => getBytes(chunk)),
    proofs: (proofs.toArray() as Result[]).map(decodeProof),
  };
}
