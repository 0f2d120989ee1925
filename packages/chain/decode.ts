/** Events and calldata of the contract as protocol types. */

import {
  type BatchForm,
  type Bytes32,
  decodeRecord,
  type Groth16Proof,
  packOwnerAndToken,
  proofFromWords,
  proofWords,
  RecordKind,
  RollupError,
} from '@quittance/protocol';
import type { Interface, Log, Result } from 'ethers';
import { rollupInterface } from './abi.ts';
import { toHashedHeader, toHeader } from './header-args.ts';
import { bytesOfHex } from './hex.ts';
import type {
  BatchSubmission,
  ClaimedWithdrawal,
  FinalizedBatch,
  L1Inclusion,
  PostedBatch,
  PriorityRequest,
  TransactionContent,
} from './types.ts';
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

function requestedAlone(args: Result): Requested[] {
  const queueIndex = Number(args['operationId']);
  return [
    {
      ...{ queueIndex, groupStart: queueIndex, groupSize: 1 },
      fields: decodeRecord(args['record'] as bigint),
      words: [args['w0'] as bigint, args['w1'] as bigint, args['w2'] as bigint],
      deadline: Number(args['earliestDeadline']),
      fee: args['fee'] as bigint,
    },
  ];
}

/** Where the producer fills in, as in every deposit that was requested. */
const DEPOSIT_FIELDS = { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };

function requestedTogether(args: Result): Requested[] {
  const groupStart = Number(args['firstId']);
  const deposits = (args['deposits'] as Result).toArray() as Result[];
  return deposits.map((deposit, position) => ({
    ...{ queueIndex: groupStart + position, groupStart, groupSize: deposits.length },
    fields: DEPOSIT_FIELDS,
    words: [
      deposit['keyY'] as bigint,
      packOwnerAndToken(BigInt(deposit['owner'] as string), Number(args['tokenId'])),
      deposit['amount'] as bigint,
    ],
    deadline: Number(args['earliestDeadline']),
    fee: args['fee'] as bigint,
  }));
}

/** A request without its place on L1. */
type Requested = Omit<PriorityRequest, keyof L1Inclusion>;

/** The events of the queue, and how each is read. */
const REQUEST_DECODERS: Readonly<Record<string, (args: Result) => Requested[]>> = {
  PriorityRequested: requestedAlone,
  DepositsImported: requestedTogether,
};

/** Names of the events that put operations into the queue. */
export const REQUEST_EVENTS: readonly string[] = Object.keys(REQUEST_DECODERS);

/** The operations of one event of the queue, in order. @throws RollupError L1_LOG_UNREADABLE when the log is none. */
export function decodePriorityRequests(log: Log): PriorityRequest[] {
  const description = rollupInterface.parseLog(log);
  const decode = description === null ? undefined : REQUEST_DECODERS[description.name];
  if (description === null || decode === undefined) throw unreadableLog(log);
  return decode(description.args).map((requested) => ({ ...inclusionOf(log), ...requested }));
}

/** BatchFinalized. @throws RollupError L1_LOG_UNREADABLE when the log is another one, L1_INCONSISTENT as `toHashedHeader`. */
export function decodeFinalizedBatch(log: Log): FinalizedBatch {
  const args = argumentsOf(log);
  return { ...inclusionOf(log), ...toHashedHeader(args) };
}

/** Names of the events that pay withdrawals or moves. */
export const CLAIM_EVENTS: readonly string[] = ['WithdrawalClaimed', 'MovesExecuted'];

/** What one of these events paid. @throws RollupError L1_LOG_UNREADABLE when the log is none. */
export function decodeClaims(log: Log): ClaimedWithdrawal[] {
  const description = rollupInterface.parseLog(log);
  if (description === null || !CLAIM_EVENTS.includes(description.name)) throw unreadableLog(log);
  const { args } = description;
  const isMove = description.name === 'MovesExecuted';
  const indices = isMove ? [...(args['indices'] as Iterable<bigint>)] : [args['index'] as bigint];
  const destination = isMove ? Number(args['destination']) : undefined;
  const batch = Number(args['number']);
  return indices.map((index) => ({ ...inclusionOf(log), batch, index: Number(index), destination }));
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

/** Parent and batch as ethers encodes them: the first two arguments of `submitBatch` and `assertBatch`. */
export function encodeBatchArguments(batch: PostedBatch): readonly unknown[] {
  const { parent, number, time, roots, commitments, feeTokens } = batch;
  return [parent, { number, time, roots, commitments, feeTokens }];
}

/**
 * Inverse of `encodeBatchArguments`, with the data that the third argument and the transaction's blobs have.
 *
 * @param blobForm how the records come when they are not in the calldata.
 * @throws RollupError L1_INCONSISTENT when there are blobs and records in the calldata: L1 takes no such call.
 */
export function decodeBatchArguments(
  [parent, batch, data]: readonly Result[],
  blobHashes: readonly Bytes32[],
  blobForm: Exclude<BatchForm, 'calldata'>,
): PostedBatch {
  const numbers = (list: unknown): bigint[] => (list as Result).toArray() as bigint[];
  const chunks = decodeByteStrings(data!['chunks'] as Result);
  const form = chunks.length === 0 ? blobForm : 'calldata';
  if ((form === 'calldata') !== (blobHashes.length === 0)) {
    const message = `L1 gave a batch with ${chunks.length} chunks in its calldata and ${blobHashes.length} blobs; check the node`;
    throw new RollupError('L1_INCONSISTENT', message, {
      what: 'the blobs of a batch',
      expected: form === 'calldata' ? 0 : '1 or more',
      actual: blobHashes.length,
    });
  }
  return {
    parent: toHeader(parent!),
    number: Number(batch!['number']),
    time: Number(batch!['time']),
    roots: numbers(batch!['roots']),
    commitments: numbers(batch!['commitments']),
    feeTokens: numbers(batch!['feeTokens']),
    form,
    chunks,
    visible: decodeByteStrings(data!['visible'] as Result),
    blobHashes,
  };
}

/** bytes[] as ethers decodes it. */
export function decodeByteStrings(list: Result): Uint8Array[] {
  return (list.toArray() as string[]).map(bytesOfHex);
}

/** Calldata of submitBatch, which both contracts have. */
export function encodeSubmission(submission: BatchSubmission): string {
  const { chunks, visible, evaluations, opening, proofs } = submission;
  const data = { chunks, visible, evaluations, opening };
  return rollupInterface.encodeFunctionData('submitBatch', [
    ...encodeBatchArguments(submission),
    data,
    proofs.map(encodeProof),
  ]);
}

/** Characters of 0x and the four bytes that name a function. */
const SELECTOR_CHARACTERS = 10;

/** A call that was taken apart. */
interface ParsedCall {
  readonly name: string;
  readonly args: Result;
}

/** Takes calldata apart. @throws RollupError CALLDATA_UNREADABLE when it is no call of one of these functions. */
export function parseCall(abi: Interface, calldata: string, names: readonly string[]): ParsedCall {
  const expected = names.join(' or ');
  const fragment = abi.getFunction(calldata.slice(0, SELECTOR_CHARACTERS));
  if (fragment === null || !names.includes(fragment.name)) {
    throw new RollupError('CALLDATA_UNREADABLE', `the calldata is no call of ${expected}`, {
      expected,
      actual: fragment?.name,
    });
  }
  try {
    return { name: fragment.name, args: abi.decodeFunctionData(fragment, bytesOfHex(calldata)) };
  } catch (error) {
    const message = `the calldata cannot be decoded as ${expected}`;
    throw new RollupError('CALLDATA_UNREADABLE', message, { expected }, { cause: error });
  }
}

/** A call of `submitBatch` as ethers decodes it. @throws RollupError L1_INCONSISTENT as `decodeBatchArguments`. */
export function toSubmission(args: Result, blobHashes: readonly Bytes32[]): BatchSubmission {
  const list = args as unknown as Result[];
  const data = list[2]!;
  return {
    ...decodeBatchArguments(list, blobHashes, 'coefficients'),
    evaluations: (data['evaluations'] as Result).toArray() as bigint[],
    opening: bytesOfHex(data['opening'] as string),
    proofs: (list[3]!.toArray() as Result[]).map(decodeProof),
  };
}

/**
 * Inverse of `encodeSubmission`.
 *
 * @throws RollupError CALLDATA_UNREADABLE when it is no call of submitBatch; L1_INCONSISTENT as `decodeBatchArguments`.
 */
export function decodeSubmission({ data, blobHashes }: TransactionContent): BatchSubmission {
  return toSubmission(parseCall(rollupInterface, data, ['submitBatch']).args, blobHashes);
}
