/**
 * What a worker of a fleet is given: one chunk as canonical bytes, and the statement that it is to prove.
 *
 * | offset | bytes | content |
 * | ---: | ---: | --- |
 * | 0 | 8 | `quitjob1` |
 * | 8 | 8 | batch time, Unix seconds |
 * | 16 | 32 | domain |
 * | 48 | 128 | the four fee tokens |
 * | 176 | 32 | root before |
 * | 208 | 32 | root after |
 * | 240 | 32 | commitment after the last slot |
 * | 272 | 32 | challenge z of the batch |
 * | 304 | – | the trace (packages/protocol/engine/trace.ts) |
 *
 * Integers are little-endian, field elements below r. The same chunk always gives the same bytes.
 */

import { createHash } from 'node:crypto';
import {
  FEE_TOKEN_COUNT,
  isFieldElement,
  type PackedTrace,
  RollupError,
  readWord,
  SHARDS_BYTES,
  SLOT_TRACE_BYTES,
  viewOf,
  WORD_BYTES,
  writeWord,
} from '@quittance/protocol';

/** One chunk to prove. */
export interface ProverJob {
  readonly trace: PackedTrace;
  /** z of the batch. */
  readonly challenge: bigint;
}

/** What a proof is of: a chunk of a batch, by its public inputs. */
export interface StatementContent {
  /** 0x and 64 hexadecimal digits. */
  readonly headerHash: string;
  /** Position in the batch. */
  readonly chunk: number;
  /** In the order of the verifier. */
  readonly publicInputs: readonly bigint[];
}

const MAGIC = Buffer.from('quitjob1', 'ascii');
const TIME_PLACE = 8;
const WORDS_PLACE = 16;
/** domain, fee tokens, two roots, commitment, challenge. */
const WORD_COUNT = 1 + FEE_TOKEN_COUNT + 4;
const HEAD_BYTES = WORDS_PLACE + WORD_COUNT * WORD_BYTES;

/** Bytes of the job of a chunk with so many slots. */
export function jobBytes(slotsPerChunk: number): number {
  return HEAD_BYTES + SHARDS_BYTES + slotsPerChunk * SLOT_TRACE_BYTES;
}

/** The bytes of a job. */
export function encodeJob({ trace, challenge }: ProverJob): Uint8Array {
  const { context, oldRoot, newRoot, commitment, bytes } = trace;
  const job = new Uint8Array(HEAD_BYTES + bytes.length);
  const view = viewOf(job);
  job.set(MAGIC);
  view.setBigUint64(TIME_PLACE, BigInt(context.batchTime), true);
  const words = [context.domain, ...context.feeTokens, oldRoot, newRoot, commitment, challenge];
  for (const [position, word] of words.entries()) writeWord(view, WORDS_PLACE + position * WORD_BYTES, word);
  job.set(bytes, HEAD_BYTES);
  return job;
}

function unreadable(reason: string): RollupError<'JOB_UNREADABLE'> {
  return new RollupError('JOB_UNREADABLE', `what the sequencer gave to prove is no job: ${reason}`, { reason });
}

/**
 * The inverse of `encodeJob`. The trace itself is checked by whoever makes a witness of it.
 *
 * @throws RollupError JOB_UNREADABLE.
 */
export function decodeJob(job: Uint8Array, slotsPerChunk: number): ProverJob {
  if (job.length !== jobBytes(slotsPerChunk)) {
    throw unreadable(`it has ${job.length} bytes, a chunk of ${slotsPerChunk} slots has ${jobBytes(slotsPerChunk)}`);
  }
  if (MAGIC.compare(job, 0, MAGIC.length) !== 0) throw unreadable('it does not begin with quitjob1');
  const view = viewOf(job);
  const batchTime = view.getBigUint64(TIME_PLACE, true);
  if (batchTime > BigInt(Number.MAX_SAFE_INTEGER)) throw unreadable(`its time is ${batchTime}`);
  const words = Array.from({ length: WORD_COUNT }, (_, position) =>
    readWord(view, WORDS_PLACE + position * WORD_BYTES),
  );
  const outside = words.findIndex((word) => !isFieldElement(word));
  if (outside >= 0) throw unreadable(`element ${outside} of its head is not below r`);
  const [domain, ...rest] = words as [bigint, ...bigint[]];
  const feeTokens = rest.slice(0, FEE_TOKEN_COUNT);
  const [oldRoot, newRoot, commitment, challenge] = rest.slice(FEE_TOKEN_COUNT) as [bigint, bigint, bigint, bigint];
  const context = { domain, batchTime: Number(batchTime), feeTokens };
  return {
    trace: { context, oldRoot, newRoot, commitment, bytes: Uint8Array.from(job.subarray(HEAD_BYTES)) },
    challenge,
  };
}

/** sha256 in hexadecimal. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** sha256 of header hash, chunk (4 bytes) and public inputs (32 bytes each, big-endian), in hexadecimal. */
export function statementOf({ headerHash, chunk, publicInputs }: StatementContent): string {
  const position = Buffer.alloc(4);
  position.writeUInt32BE(chunk);
  const inputs = publicInputs.map((input) => Buffer.from(input.toString(16).padStart(2 * WORD_BYTES, '0'), 'hex'));
  return sha256Hex(Buffer.concat([Buffer.from(headerHash.slice(2), 'hex'), position, ...inputs]));
}
