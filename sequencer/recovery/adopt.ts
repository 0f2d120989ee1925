/**
 * Writes a batch of L1 into the database as if it had been sealed here: header, chunks, accounts, withdrawals, proofs, place, and of
 * its operations what can be known. All of it is one commit, so a recovery that is killed goes on behind its last batch.
 */

import type { NamedRecord } from '@quittance/derivation';
import {
  type Deployment,
  encodeChunkData,
  headerHash,
  isPriorityKind,
  isSignedKind,
  packOperation,
  withdrawalsIn,
} from '@quittance/protocol';
import type { LogEntry, Place, PriorityEntry, SealedDrop, Storage, TransferEntry } from '../../storage/index.ts';
import { type ChunkOutcome, challengeOf } from '../batcher/batch.ts';
import { sealedThrough } from '../batcher/seal.ts';
import { groupOf, isSameRequest, operationOf, placeOf } from '../mempool/requests.ts';
import { type L1Batch, rowsAfter } from './l1-batch.ts';
import { conflict, type OwnLog } from './own-log.ts';
import { noteUnlisted } from './unlisted.ts';

/** What became of the operations of an adopted batch. */
export interface Adopted {
  readonly transferCount: number;
  /** Transfers of the log that L1 went on without. */
  readonly droppedCount: number;
}

/** Where the operations of a batch stand in the log: in entries that are there, or in new ones. */
interface Listed {
  readonly outcomes: readonly ChunkOutcome[];
  readonly entries: readonly LogEntry[];
  /** The entries of the queue among them, with their sequence. */
  readonly queued: readonly { readonly position: number; readonly sequence: number }[];
  readonly placed: readonly number[];
  /** The last of the transfers among those; 0 for none. */
  readonly lastTransfer: number;
  readonly counts: { readonly transfers: number; readonly priority: number; readonly unlisted: number };
}

function transferEntry({ operation, nonce, id }: NamedRecord): TransferEntry | undefined {
  return id === undefined ? undefined : { type: 'transfer', id, operation, packed: packOperation(operation), nonce };
}

/** The entry of a request that a batch executes. */
function priorityEntry(
  storage: Storage,
  { requests, data }: L1Batch,
  position: number,
  record: NamedRecord,
): PriorityEntry {
  const request = requests[position]!;
  if (!isSameRequest(request, record.operation)) {
    const what = `operation ${request.queueIndex} of its queue`;
    throw conflict(storage.file, data.number, what, 'as it was requested', 'another one');
  }
  const operation = operationOf(request, () => record.operation.fields.to);
  const place = placeOf(request);
  return { type: 'priority', queueIndex: request.queueIndex, operation, ...groupOf(request), place };
}

/** Looks each operation up, and makes entries of those that the log has not. */
function list(storage: Storage, own: OwnLog, batch: L1Batch): Listed {
  const { named, parent, data } = batch;
  const entries: LogEntry[] = [];
  const queued: { position: number; sequence: number }[] = [];
  const placed: number[] = [];
  const counts = { transfers: 0, priority: 0, unlisted: 0 };
  const first = storage.log.head().sequence + 1;
  let lastTransfer = 0;
  let withdrawals = 0;
  const add = (entry: LogEntry): number => first + entries.push(entry) - 1;

  const priorityAt = (record: NamedRecord): number => {
    const position = counts.priority++;
    const known = own.findPriority(parent.priorityCount + position, record, data.number);
    if (known !== undefined) return known;
    const sequence = add(priorityEntry(storage, batch, position, record));
    queued.push({ position, sequence });
    return sequence;
  };
  const transferAt = (record: NamedRecord): number | undefined => {
    counts.transfers += 1;
    const entry = transferEntry(record);
    const sequence = own.findTransfer(record) ?? (entry && add(entry));
    if (sequence === undefined) counts.unlisted += 1;
    else if (sequence < lastTransfer) {
      throw conflict(storage.file, data.number, 'the order of its transfers', 'that of the log', 'another one');
    } else lastTransfer = sequence;
    return sequence;
  };
  const outcomes = named.map((records): ChunkOutcome => {
    const firsts: { transfer?: number; priority?: number } = {};
    const places = records.map((record): Place | undefined => {
      const { kind } = record.operation.fields;
      const withdrawal = withdrawalsIn([record.operation]).length > 0 ? withdrawals++ : undefined;
      const type = isPriorityKind(kind) ? 'priority' : 'transfer';
      if (type === 'transfer' && !isSignedKind(kind)) return undefined;
      const sequence = type === 'priority' ? priorityAt(record) : transferAt(record);
      if (sequence === undefined) return undefined;
      firsts[type] ??= sequence;
      placed.push(sequence);
      return { sequence, withdrawal };
    });
    return { places, firstTransfer: firsts.transfer, firstPriority: firsts.priority };
  });
  return { outcomes, entries, queued, placed, lastTransfer, counts };
}

/** Header, chunks, withdrawals, accounts and proofs. */
function writeContent(
  storage: Storage,
  deployment: Deployment,
  batch: L1Batch,
  { outcomes, counts }: Listed,
  lastSequence: number,
) {
  const { data, replayed, named, place, placedMs, isFinal } = batch;
  const { header, hash, withdrawals, changes } = replayed;
  const { number } = header;
  storage.leaves.removeFrom(number);
  storage.leaves.put(number, rowsAfter(changes));
  storage.batches.insert({
    ...{ number, header, lastSequence, headerHash: hash, form: data.form, blobHashes: data.blobHashes },
    firstSequence: sealedThrough(storage) + 1,
    transferCount: counts.transfers,
    priorityCount: counts.priority,
    sealedMs: header.time * 1_000,
  });
  const challenge = 'proofs' in data ? challengeOf(deployment, data) : 0n;
  for (const [index, records] of named.entries()) {
    storage.chunks.insert({
      ...{ batch: number, index, visible: data.visible[index]!, feeTokens: data.feeTokens[index]! },
      data: encodeChunkData(records.map(({ operation }) => operation)),
      oldRoot: data.roots[index]!,
      newRoot: data.roots[index + 1]!,
      commitment: data.commitments[index]!,
      ...outcomes[index]!,
    });
    const proof = 'proofs' in data ? data.proofs[index] : undefined;
    if (proof !== undefined) storage.proofs.put({ batch: number, chunk: index, challenge, proof, proveMs: 0 });
  }
  storage.outcomes.insertWithdrawals(number, withdrawals);
  storage.batches.setPosted(number, place, placedMs);
  if (isFinal) storage.batches.setFinal(number, placedMs);
}

/** The new entries, and where their requests stand on L1. */
function writeEntries(storage: Storage, { requests, data }: L1Batch, { entries, queued }: Listed): void {
  storage.log.append(entries, data.time * 1_000);
  for (const { position, sequence } of queued) {
    const request = requests[position]!;
    const { queueIndex, fields } = request;
    storage.priority.insert({ queueIndex, sequence, kind: fields.kind, ...placeOf(request) });
  }
}

/** Transfers before the last one that L1 has: whoever sealed that one had decided about all before it. */
function dropsOf(sequences: readonly number[], batch: number): SealedDrop[] {
  const message =
    `it was acknowledged, and L1 went on to batch ${batch} without it, from a database that was lost: sign it again if the nonce ` +
    'is still free';
  return sequences.map((sequence) => ({ sequence, code: 'TRANSFER_DROPPED', message }));
}

/**
 * Writes the batch behind the last one. @param own brought up to date.
 *
 * @throws RollupError RECOVERY_CONFLICT when the log cannot have led to it; nothing is written then.
 */
export function adoptBatch(storage: Storage, deployment: Deployment, own: OwnLog, batch: L1Batch): Adopted {
  const listed = list(storage, own, batch);
  const { placed, lastTransfer, counts } = listed;
  const { number } = batch.data;
  const isPlaced = new Set(placed);
  const dropped = own.openTransfersBefore(lastTransfer).filter((sequence) => !isPlaced.has(sequence));
  const drops = dropsOf(dropped, number);
  storage.commit(() => {
    writeEntries(storage, batch, listed);
    for (const drop of drops)
      storage.outcomes.insertDrop({ batch: number, expected: undefined, actual: undefined, ...drop });
    for (const sequence of placed) storage.outcomes.removeDrop(sequence);
    own.settle([...placed, ...dropped]);
    const lastSequence = (own.lowestOpen ?? storage.log.head().sequence + 1) - 1;
    writeContent(storage, deployment, batch, listed, lastSequence);
    if (counts.unlisted > 0) noteUnlisted(storage, number);
    const fromL1 = { unlisted: counts.unlisted };
    const hash = headerHash(batch.replayed.header);
    const entry = { type: 'seal', batch: number, lastSequence, headerHash: hash, fromL1 } as const;
    storage.log.append([drops.length === 0 ? entry : { ...entry, drops }], batch.data.time * 1_000);
  });
  return {
    transferCount: counts.transfers,
    droppedCount: dropped.length,
  };
}
