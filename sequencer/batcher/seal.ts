/** Makes a sealed batch durable: first, in steps, what is long, then the batch itself, and with it all. */

import { ACCOUNT_ROW_BYTES, accountRowsAfter } from '@quittance/protocol';
import type { SealPlan, Storage } from '../../storage/index.ts';
import type { LogWriter } from '../log-writer.ts';
import type { ExecutedBatch } from './batch.ts';
import type { PlannedDrop } from './refused.ts';
import { dropsOfSeal } from './seal-plan.ts';
import { rememberUnverified } from './unverified.ts';

/**
 * The sequence up to which every operation of the log is in a batch or dropped, as the last seal of the hash chain says.
 * Later ones may be in a batch too, when priority operations had to go first.
 */
export function sealedThrough(storage: Storage): number {
  const entry = storage.log.lastSeal()?.entry;
  return entry?.type === 'seal' || entry?.type === 'unseal' ? entry.lastSequence : 0;
}

export interface SealInput {
  readonly storage: Storage;
  readonly writer: LogWriter;
  /** The number of the batch, or the one it would have had if not every entry had been dropped. */
  readonly number: number;
  /** Absent when all entries were dropped. */
  readonly batch: ExecutedBatch | undefined;
  /** What it was made of; absent with it. */
  readonly plan: SealPlan | undefined;
  readonly drops: readonly PlannedDrop[];
  /** Up to this sequence, every operation is in a batch or dropped afterwards. */
  readonly lastSequence: number;
  readonly nowMs: number;
  /** Whether the shadow looks at the batch before it may leave. */
  readonly isShadowed: boolean;
  /** Called in the same turn in which all of it became durable. */
  readonly onCommitted: () => void;
}

/** Accounts that are written at once: a fraction of a millisecond. */
const ACCOUNTS_PER_STEP = 1_024;

/**
 * Writes what counts only once the batch is there, in steps: the accounts that it changed. A batch that is sealed after all,
 * or again after a crash, begins with what was written for its number before.
 */
export function* stageSeal(storage: Storage, { header, changes }: ExecutedBatch): Generator<void, void, void> {
  const { number } = header;
  storage.stage(() => storage.leaves.removeFrom(number));
  yield;
  const rows = accountRowsAfter(changes);
  yield;
  const step = ACCOUNTS_PER_STEP * ACCOUNT_ROW_BYTES;
  for (let offset = 0; offset < rows.length; offset += step) {
    storage.stage(() => storage.leaves.put(number, rows.subarray(offset, offset + step)));
    yield;
  }
}

function writeBatch({ storage, lastSequence, nowMs }: SealRows, batch: ExecutedBatch, firstSequence: number): void {
  const { header, headerHash, form, blobHashes, chunks, outcomes, withdrawals, transferCount, priorityCount } = batch;
  const { number } = header;
  storage.batches.insert({
    number,
    firstSequence,
    lastSequence,
    header,
    headerHash,
    form,
    blobHashes,
    transferCount,
    priorityCount,
    sealedMs: nowMs,
  });
  for (const [index, { oldRoot, newRoot, commitment, data, visible, feeTokens }] of chunks.entries()) {
    const content = { data, visible, oldRoot, newRoot, commitment, feeTokens };
    storage.chunks.insert({ batch: number, index, ...content, ...outcomes[index]! });
  }
  storage.outcomes.insertWithdrawals(number, withdrawals);
}

/** What a seal writes besides its entry. */
export type SealRows = Pick<
  SealInput,
  'storage' | 'number' | 'batch' | 'drops' | 'lastSequence' | 'nowMs' | 'isShadowed'
>;

/** Writes what a seal says besides its entry, inside a commit. @param firstSequence behind all that was sealed before. */
export function writeSeal(input: SealRows, firstSequence: number): void {
  const { storage, number, batch, drops, isShadowed } = input;
  if (batch !== undefined) writeBatch(input, batch, firstSequence);
  if (batch !== undefined && isShadowed) rememberUnverified(storage, number);
  for (const { source, refusal } of drops) {
    const { code, message, expected, actual } = refusal;
    storage.outcomes.insertDrop({ sequence: source.sequence, batch: number, code, message, expected, actual });
  }
}

/**
 * Writes the batch, whose accounts are written, and its drops. Proving and posting begin only after that.
 *
 * @returns as `LogWriter.append`.
 */
export function commitSeal(input: SealInput): Promise<void> | undefined {
  const { storage, writer, number, batch, plan, drops, lastSequence, nowMs, isShadowed, onCommitted } = input;
  const entry = {
    type: 'seal',
    batch: batch === undefined ? 0 : number,
    lastSequence,
    headerHash: batch?.headerHash ?? '',
    ...(plan === undefined ? {} : { plan }),
    ...(drops.length === 0 ? {} : { drops: dropsOfSeal(drops) }),
    ...(batch !== undefined && isShadowed ? { shadowed: true as const } : {}),
  } as const;
  const firstSequence = sealedThrough(storage) + 1;
  const also = (): void => writeSeal(input, firstSequence);
  return writer.append({ entries: [entry], receivedMs: nowMs, also, onCommitted });
}
