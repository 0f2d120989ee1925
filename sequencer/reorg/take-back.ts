/**
 * Takes back what L1 took back: the priority operations from a queue index on count no longer, and the batches from the
 * first that executed one of them are sealed anew. The log says so before anything else is built.
 */

import type { StoredHeader } from '@quittance/protocol';
import { type LogEntry, type Storage, takenBack, type UnsealEntry } from '../../storage/index.ts';
import { sealedThrough } from '../batcher/seal.ts';
import type { SequencerContext } from '../context.ts';
import { removeCursor } from '../mempool/reading-point.ts';
import { rederiveBatch } from '../start/rederive.ts';
import { type Doubt, forgetDoubt } from './doubt.ts';
import { announceTakenBack, type Undone } from './outcomes.ts';

const META = 'taken_back_at';

/**
 * Sequence of the last entry that took operations back, 0 when none did. Entries before it were accepted on a state that
 * L1 has undone.
 */
export function acceptedBefore({ meta }: Pick<Storage, 'meta'>): number {
  return Number(meta.get(META) ?? 0);
}

/** An entry that takes priority operations back. */
export type TakeBackEntry = UnsealEntry & { readonly takenBackFrom: number };

/** Whether an entry takes priority operations back. */
export function isTakeBack(entry: LogEntry): entry is TakeBackEntry {
  return entry.type === 'unseal' && entry.takenBackFrom !== undefined;
}

/** What no longer counts when L1 takes back the priority operations from `queueIndex` on, which the log has. Changes nothing. */
export function planTakeBack(storage: Storage, queueIndex: number): TakeBackEntry {
  const { batches, outcomes, priority } = storage;
  // The queue is executed in its order: no later one can be in an earlier batch.
  const placement = outcomes.placementOf(priority.get(queueIndex)!.sequence);
  const batch = placement === undefined ? undefined : batches.get(placement.batch);
  const number = batch?.number ?? (batches.last()?.number ?? 0) + 1;
  const lastSequence = batch === undefined ? sealedThrough(storage) : batch.firstSequence - 1;
  return { type: 'unseal', batch: number, lastSequence, takenBackFrom: queueIndex };
}

/**
 * The accounts after a batch as rows, where the database has them of later ones only: all batches up to it are executed
 * again, one at a time, and each must come to its header.
 *
 * @returns undefined when the database can say it itself. @throws RollupError DATABASE_DAMAGED or RESOURCES_SHORT.
 */
export async function accountsIfFolded(
  { storage, crypto, config, chain }: Pick<SequencerContext, 'storage' | 'crypto' | 'config' | 'chain'>,
  genesis: StoredHeader,
  number: number,
): Promise<Uint8Array | undefined> {
  if (!storage.leaves.isFoldedBeyond(number)) return undefined;
  const { profile } = config;
  const { engine } = crypto;
  const deployment = { chainId: chain.chainId, contract: chain.contract };
  const state = engine.restore(new Uint8Array(), genesis.stateRoot);
  let parent = genesis;
  for (let at = 1; at <= number; at++) {
    const batch = storage.batches.get(at)!;
    const how = { traces: false, checksIds: false, checksAccounts: false };
    await rederiveBatch({ storage, engine, profile, deployment, state, parent, batch, ...how });
    parent = batch.header;
  }
  return state.rows();
}

/**
 * Changes the rows that follow from the entry: a leader with the entry itself, a follower when it applies it.
 *
 * @param sequence of the entry. @param accounts those after the batch before, where `accountsIfFolded` gave them. Call it
 * inside the commit that appends the entry.
 */
export function applyTakeBack(
  storage: Storage,
  { batch, takenBackFrom }: TakeBackEntry,
  sequence: number,
  accounts: Uint8Array | undefined,
): void {
  if (accounts === undefined) storage.leaves.removeFrom(batch);
  else storage.leaves.replaceAll(batch - 1, accounts);
  storage.batches.removeTakenBackFrom(batch);
  for (const row of storage.priority.from(takenBackFrom, Number.MAX_SAFE_INTEGER)) {
    const drop = { sequence: row.sequence, batch, ...takenBack(row.queueIndex) };
    storage.outcomes.insertDrop({ ...drop, expected: undefined, actual: undefined });
  }
  storage.priority.removeFrom(takenBackFrom);
  removeCursor(storage);
  forgetDoubt(storage);
  storage.meta.set(META, String(sequence));
}

/** What the entry will do to others. Changes nothing. */
export function foresee({ batches, outcomes, priority }: Storage, entry: TakeBackEntry): Undone {
  const operations = priority.from(entry.takenBackFrom, Number.MAX_SAFE_INTEGER).map(({ sequence }) => sequence);
  const gone = new Set(operations);
  const reopened = batches
    .range(entry.batch, Number.MAX_SAFE_INTEGER)
    .flatMap(({ number }) => outcomes.placementsOf(number).map(({ sequence }) => sequence))
    .filter((sequence) => !gone.has(sequence));
  return { operations, reopened: reopened.sort((one, other) => one - other) };
}

/**
 * Takes the priority operations from the doubted one on back, durably, and tells those who listen. Nothing in memory may
 * depend on them any more.
 *
 * @throws RollupError as `accountsIfFolded` and `LogWriter.append`.
 */
export async function takeBack(context: SequencerContext, genesis: StoredHeader, { queueIndex }: Doubt): Promise<void> {
  const { storage, writer, clock, logger } = context;
  const entry = planTakeBack(storage, queueIndex);
  const accounts = await accountsIfFolded(context, genesis, entry.batch - 1);
  const taken = foresee(storage, entry);
  const sequence = writer.next;
  logger.warn('L1 took operations back: they count no longer, and what was built on them is sealed anew', {
    fromQueueIndex: queueIndex,
    operations: taken.operations.length,
    fromBatch: entry.batch,
    reopened: taken.reopened.length,
  });
  await writer.append({
    entries: [entry],
    receivedMs: clock.nowMs(),
    also: () => applyTakeBack(storage, entry, sequence, accounts),
    onCommitted: () => announceTakenBack(context, taken),
  });
}
