/** What a log entry is, and its canonical bytes: the hash chain covers them. */

import { createHash } from 'node:crypto';
import {
  type Authorization,
  type CurvePoint,
  decodeRecord,
  encodeRecord,
  MAX_REFERENCE_BYTES,
  OPERATION_PLACES,
  type Operation,
  packOperation,
} from '@quittance/protocol';
import { FIELD_BYTES, fromBytes, toBytes } from './bytes.ts';
import { databaseDamaged } from './damage.ts';
import {
  planJson,
  readCount,
  readDrops,
  readFields,
  readPlan,
  readText,
  type SealedDrop,
  type SealPlan,
} from './seal-plan.ts';

/** What a payment is for, with the payer's signature over it (docs/protocol.md, Payment references). */
export interface PaymentReference {
  /** 1 to MAX_REFERENCE_BYTES. */
  readonly bytes: Uint8Array;
  readonly r8: CurvePoint;
  readonly s: bigint;
}

/** A transfer that was accepted; durable before it is acknowledged. */
export interface TransferEntry {
  readonly type: 'transfer';
  /** Transaction id. */
  readonly id: bigint;
  readonly operation: Operation;
  /** The operation in OPERATION_BYTES. */
  readonly packed: Uint8Array;
  /** The nonce that was signed. */
  readonly nonce: number;
  readonly reference?: PaymentReference;
}

/** A confirmed priority operation. A deposit's `to` is the leaf that the sequencer chose; an exit's w2 is 0. */
export interface PriorityEntry {
  readonly type: 'priority';
  readonly queueIndex: number;
  readonly operation: Operation;
  /** Queue index of the last operation of its group, which one batch executes whole; absent when it is its own group. */
  readonly groupEnd?: number;
  /** Where it was requested, as L1 said when it was taken on; absent in entries of before it was kept. */
  readonly place?: PriorityPlace;
}

/** Where on L1 a priority operation was requested, and until when it is to be executed. */
export interface PriorityPlace {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  /** Unix seconds. */
  readonly deadline: number;
}

/** A batch (0 when all of its operations were dropped) was sealed: all up to `lastSequence` are in batches or dropped. */
export interface SealEntry {
  readonly type: 'seal';
  readonly batch: number;
  readonly lastSequence: number;
  readonly headerHash: string;
  /** What the batch was made of; absent without a batch, and in entries of before it was kept. */
  readonly plan?: SealPlan;
  /** What was dropped; absent in entries of before it was kept. */
  readonly drops?: readonly SealedDrop[];
  /**
   * Whether the shadow looks at the batch before it may leave: whoever leads next must look too, unless it is final. Absent
   * when it does not, and in entries of before it was kept.
   */
  readonly shadowed?: true;
  /**
   * The batch was made anew from L1 (sequencer/recovery/): the log has what of its operations can be known. So many of its
   * transfers are not among them, because L1 keeps neither ids nor signatures of what was proven.
   */
  readonly fromL1?: { readonly unlisted: number };
}

/** Batches from `batch` on are sealed anew: they cannot be posted, or L1 took them back. Entries after `lastSequence` are open again. */
export interface UnsealEntry {
  readonly type: 'unseal';
  /** Behind the last one when only operations are taken back that are in no batch. */
  readonly batch: number;
  readonly lastSequence: number;
  /**
   * The priority operations that stand before this entry in the log count no longer from this queue index on: L1 took them
   * back. Absent when all of them count.
   */
  readonly takenBackFrom?: number;
}

export type LogEntry = TransferEntry | PriorityEntry | SealEntry | UnsealEntry;

/** An entry with its place. */
export interface LoggedEntry {
  readonly sequence: number;
  readonly receivedMs: number;
  readonly entry: LogEntry;
}

/** A transfer of the log. */
export type LoggedTransfer = LoggedEntry & { readonly entry: TransferEntry };
/** A priority operation of the log. */
export type LoggedPriority = LoggedEntry & { readonly entry: PriorityEntry };

/** A row as it is stored. */
export interface LogRow {
  readonly sequence: number;
  readonly type: number;
  readonly id: Buffer | null;
  readonly payload: Buffer;
  readonly received_ms: number;
  readonly chain: Buffer;
}

const TYPE_NUMBER = { transfer: 1, priority: 2, seal: 3, unseal: 4 } as const;
const RECORD_BYTES = 16;
const QUEUE_INDEX_BYTES = 4;
/** Of a block number and of a time: below 2^48, far from where numbers lose their last bits. */
const COUNT_BYTES = 6;

/** Writes `count` bytes the other way round. */
function reverse(target: Uint8Array, at: number, source: Uint8Array, from: number, count: number): void {
  for (let position = 0; position < count; position += 1) {
    target[at + position] = source[from + count - 1 - position]!;
  }
}

/** Places in the payload of a transfer: extra, number of words, record, words; then validUntil and four field elements. */
const PAYLOAD = { wordCount: 4, record: 5, words: 21 } as const;
const VALID_UNTIL_BYTES = 5;
const AUTHORIZATION_BYTES = VALID_UNTIL_BYTES + 4 * FIELD_BYTES;

/** As `encodeOperation`, from the packed operation: the same integers with their bytes turned round. */
function encodePacked(packed: Uint8Array, wordCount: number, extra: number): Buffer {
  const { hasAuthorization, validUntil, words, authorization } = OPERATION_PLACES;
  const isSigned = packed[hasAuthorization] === 1;
  const end = PAYLOAD.words + wordCount * FIELD_BYTES;
  const payload = Buffer.allocUnsafe(end + (isSigned ? AUTHORIZATION_BYTES : 0));
  payload.writeUInt32BE(extra, 0);
  payload[PAYLOAD.wordCount] = wordCount;
  reverse(payload, PAYLOAD.record, packed, 0, RECORD_BYTES);
  for (let word = 0; word < wordCount; word += 1) {
    reverse(payload, PAYLOAD.words + word * FIELD_BYTES, packed, words + word * FIELD_BYTES, FIELD_BYTES);
  }
  if (!isSigned) return payload;
  reverse(payload, end, packed, validUntil, VALID_UNTIL_BYTES);
  for (let part = 0; part < 4; part += 1) {
    const at = end + VALID_UNTIL_BYTES + part * FIELD_BYTES;
    reverse(payload, at, packed, authorization + part * FIELD_BYTES, FIELD_BYTES);
  }
  return payload;
}

function encodeOperation({ fields, words, authorization }: Operation, extra: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(extra, 0);
  head.writeUInt8(words.length, 4);
  const parts = [head, toBytes(encodeRecord(fields), RECORD_BYTES), ...words.map((word) => toBytes(word, FIELD_BYTES))];
  if (authorization !== undefined) {
    const { validUntil, keyX, r8, s } = authorization;
    parts.push(toBytes(BigInt(validUntil), 5), ...[keyX, r8.x, r8.y, s].map((value) => toBytes(value, FIELD_BYTES)));
  }
  return Buffer.concat(parts);
}

/** Reads numbers one after the other. */
function createTaker(payload: Buffer) {
  let offset = 0;
  const next = (byteCount: number): Buffer => {
    offset += byteCount;
    if (offset > payload.length) throw new RangeError(`it is too short with ${payload.length} bytes`);
    return payload.subarray(offset - byteCount, offset);
  };
  return {
    take: (byteCount: number): bigint => fromBytes(next(byteCount)),
    /** A copy. */
    takeBytes: (byteCount: number): Uint8Array => new Uint8Array(next(byteCount)),
    get isAtEnd() {
      return offset === payload.length;
    },
    requireEnd() {
      if (offset !== payload.length) throw new RangeError(`it is too long with ${payload.length} bytes`);
    },
  };
}

type Taker = ReturnType<typeof createTaker>;

function takeRecord({ take }: Taker): { operation: Operation; extra: number } {
  const extra = Number(take(4));
  const wordCount = Number(take(1));
  const fields = decodeRecord(take(RECORD_BYTES));
  const words = Array.from({ length: wordCount }, () => take(FIELD_BYTES));
  return { operation: { fields, words }, extra };
}

/** Behind a signed transfer: length of the reference, its bytes, and the signature. Entries from before there were any have none. */
function encodeReference({ bytes, r8, s }: PaymentReference): Buffer {
  const signature = [r8.x, r8.y, s].map((value) => toBytes(value, FIELD_BYTES));
  return Buffer.concat([Buffer.of(bytes.length), bytes, ...signature]);
}

function takeReference({ take, takeBytes }: Taker): PaymentReference {
  const count = Number(take(1));
  if (count < 1 || count > MAX_REFERENCE_BYTES) {
    throw new RangeError(`it is too long, or has a reference of ${count} bytes`);
  }
  const bytes = takeBytes(count);
  const r8 = { x: take(FIELD_BYTES), y: take(FIELD_BYTES) };
  return { bytes, r8, s: take(FIELD_BYTES) };
}

function takeAuthorization({ take }: Taker): Authorization {
  const validUntil = Number(take(5));
  const keyX = take(FIELD_BYTES);
  const r8 = { x: take(FIELD_BYTES), y: take(FIELD_BYTES) };
  return { validUntil, keyX, r8, s: take(FIELD_BYTES) };
}

function decodeTransfer(payload: Buffer, id: Buffer): TransferEntry {
  const taker = createTaker(payload);
  const { operation, extra: nonce } = takeRecord(taker);
  const signature = taker.isAtEnd ? {} : { authorization: takeAuthorization(taker) };
  const reference = taker.isAtEnd ? {} : { reference: takeReference(taker) };
  taker.requireEnd();
  const signed = { ...operation, ...signature };
  return { type: 'transfer', id: fromBytes(id), operation: signed, packed: packOperation(signed), nonce, ...reference };
}

/** Behind the end of the group: block number, deadline, block hash, transaction hash. */
function encodePlace({ blockNumber, blockHash, transactionHash, deadline }: PriorityPlace): Buffer {
  const counts = [blockNumber, deadline].map((value) => toBytes(BigInt(value), COUNT_BYTES));
  const hashes = [blockHash, transactionHash].map((hash) => toBytes(BigInt(hash), FIELD_BYTES));
  return Buffer.concat([...counts, ...hashes]);
}

function takePlace({ take, takeBytes }: Taker): PriorityPlace {
  const [blockNumber, deadline] = [Number(take(COUNT_BYTES)), Number(take(COUNT_BYTES))];
  const takeHash = (): string => `0x${Buffer.from(takeBytes(FIELD_BYTES)).toString('hex')}`;
  return { blockNumber, deadline, blockHash: takeHash(), transactionHash: takeHash() };
}

function decodePriority(payload: Buffer): PriorityEntry {
  const taker = createTaker(payload);
  const { operation, extra: queueIndex } = takeRecord(taker);
  const groupEnd = taker.isAtEnd ? queueIndex : Number(taker.take(QUEUE_INDEX_BYTES));
  const place = taker.isAtEnd ? {} : { place: takePlace(taker) };
  taker.requireEnd();
  const group = groupEnd === queueIndex ? {} : { groupEnd };
  return { type: 'priority', queueIndex, operation, ...group, ...place };
}

/** The end of the group is left out where nothing follows it and the operation is alone, as before there was anything behind it. */
function encodePriority({ operation, queueIndex, groupEnd = queueIndex, place }: PriorityEntry): Buffer {
  const parts = [encodeOperation(operation, queueIndex)];
  if (groupEnd !== queueIndex || place !== undefined) parts.push(toBytes(BigInt(groupEnd), QUEUE_INDEX_BYTES));
  if (place !== undefined) parts.push(encodePlace(place));
  return Buffer.concat(parts);
}

/** The stored columns of an entry. */
export function encodeEntry(entry: LogEntry): { type: number; id: Buffer | null; payload: Buffer } {
  const type = TYPE_NUMBER[entry.type];
  switch (entry.type) {
    case 'transfer': {
      const { id, packed, operation, nonce, reference } = entry;
      const payload = encodePacked(packed, operation.words.length, nonce);
      const all = reference === undefined ? payload : Buffer.concat([payload, encodeReference(reference)]);
      return { type, id: toBytes(id, FIELD_BYTES), payload: all };
    }
    case 'priority':
      return { type, id: null, payload: encodePriority(entry) };
    case 'seal': {
      const { batch, lastSequence, headerHash, plan, drops, shadowed, fromL1 } = entry;
      const content = { batch, lastSequence, headerHash, plan: plan && planJson(plan), drops, shadowed, fromL1 };
      return { type, id: null, payload: Buffer.from(JSON.stringify(content)) };
    }
    case 'unseal': {
      const { batch, lastSequence, takenBackFrom } = entry;
      return { type, id: null, payload: Buffer.from(JSON.stringify({ batch, lastSequence, takenBackFrom })) };
    }
  }
}

function decodeSeal(payload: Buffer): SealEntry {
  const content = readFields('content', JSON.parse(payload.toString('utf8')));
  const { batch, lastSequence, headerHash, plan, drops, shadowed, fromL1 } = content;
  if (shadowed !== undefined && shadowed !== true) throw new TypeError(`its shadow is ${JSON.stringify(shadowed)}`);
  return {
    type: 'seal',
    batch: readCount('batch', batch),
    lastSequence: readCount('last sequence', lastSequence),
    headerHash: readText('header hash', headerHash),
    ...(plan === undefined ? {} : { plan: readPlan(plan) }),
    ...(drops === undefined ? {} : { drops: readDrops(drops) }),
    ...(shadowed === undefined ? {} : { shadowed }),
    ...(fromL1 === undefined ? {} : { fromL1: readFromL1(fromL1) }),
  };
}

function readFromL1(value: unknown): NonNullable<SealEntry['fromL1']> {
  return { unlisted: readCount('number of transfers without an entry', readFields('origin', value)['unlisted']) };
}

function decodeUnseal(payload: Buffer): UnsealEntry {
  const { batch, lastSequence, takenBackFrom } = readFields('content', JSON.parse(payload.toString('utf8')));
  return {
    type: 'unseal',
    batch: readCount('batch', batch),
    lastSequence: readCount('last sequence', lastSequence),
    ...(takenBackFrom === undefined ? {} : { takenBackFrom: readCount('queue index', takenBackFrom) }),
  };
}

function decodeContent({ type, id, payload }: Pick<LogRow, 'type' | 'id' | 'payload'>): LogEntry {
  switch (type) {
    case TYPE_NUMBER.transfer: {
      if (id === null) throw new TypeError('it has no id');
      return decodeTransfer(payload, id);
    }
    case TYPE_NUMBER.priority:
      return decodePriority(payload);
    case TYPE_NUMBER.seal:
      return decodeSeal(payload);
    case TYPE_NUMBER.unseal:
      return decodeUnseal(payload);
    default:
      throw new TypeError(`its type is ${type}`);
  }
}

/** The row of an entry, but for its chain. */
export function encodeRow(sequence: number, receivedMs: number, entry: LogEntry): Omit<LogRow, 'chain'> {
  return { sequence, received_ms: receivedMs, ...encodeEntry(entry) };
}

/** The entry of a row of the database `file`. @throws RollupError DATABASE_DAMAGED when the row is none of ours. */
export function decodeEntry(row: Pick<LogRow, 'sequence' | 'type' | 'id' | 'payload'>, file: string): LogEntry {
  try {
    return decodeContent(row);
  } catch (error) {
    const problem = `log entry ${row.sequence} cannot be read: ${(error as Error).message}`;
    throw databaseDamaged(file, problem, error);
  }
}

/** chain_i = sha256(chain_{i−1} ‖ sequence ‖ received ‖ type ‖ id length ‖ id ‖ payload). */
export function nextChain(previous: Buffer, row: Omit<LogRow, 'chain'>): Buffer {
  const head = Buffer.alloc(18);
  head.writeBigUInt64BE(BigInt(row.sequence), 0);
  head.writeBigUInt64BE(BigInt(row.received_ms), 8);
  head.writeUInt8(row.type, 16);
  head.writeUInt8(row.id?.length ?? 0, 17);
  return createHash('sha256')
    .update(previous)
    .update(head)
    .update(row.id ?? Buffer.alloc(0))
    .update(row.payload)
    .digest();
}

/** The chain before the first entry. */
export const EMPTY_CHAIN: Buffer = Buffer.alloc(32);
