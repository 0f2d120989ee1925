/** The whole rollup from L1 alone: no sequencer, no database. Source: docs/protocol.md, invariant 2. */

import type { FinalizedBatch } from '@quittance/chain';
import {
  type ExecutionState,
  headerHash,
  RollupError,
  type StoredHeader,
  unpackOwnerAndToken,
} from '@quittance/protocol';
import { type ClaimableBatches, readClaimable } from './claimable.ts';
import type { FinalBatches } from './final-batches.ts';
import { createFinalWindows, type FinalWindows } from './final-windows.ts';
import { readingAhead } from './read-ahead.ts';
import type { ClaimableBatch } from './replay.ts';
import { emptyState, type FinalReplay, replayNext, type StateAt } from './replay-final.ts';
import type { ReplayDeployment } from './whole-batch.ts';

/** The state after the last final batch, with what can be claimed of those that led to it. */
export interface RebuiltRollup extends StateAt, ClaimableBatches {
  /** Batches that were replayed, and not in a snapshot. */
  readonly replayedCount: number;
}

export interface RebuildOptions extends FinalReplay {
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  /** A state that `openSnapshot` checked: batches up to it are not replayed, and their blobs not needed. It is changed. */
  readonly snapshot?: StateAt | undefined;
  /**
   * Whose withdrawals and moves can be claimed with the result: an L1 address as a number, whose batches are kept; all if not
   * given. For `none`, batches of a snapshot are not even read.
   */
  readonly claims?: 'all' | 'none' | bigint;
  /** Keeps the state: now and then, at the end, and when the rebuild fails or is aborted. A `snapshot` goes on from there. */
  readonly keep?: ((at: StateAt) => Promise<void>) | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Batches between two times that the state is kept, for a small state. */
const KEEP_EVERY = 64;
/** Accounts that are written in about a tenth of the time that a batch takes. */
const ACCOUNTS_PER_BATCH = 10_000;

/** Whether the state is to be kept after so many batches: the more accounts, the longer that takes and the seldomer it is. */
export function isKeepDue(batches: number, accountCount: number): boolean {
  return batches >= Math.max(KEEP_EVERY, accountCount / ACCOUNTS_PER_BATCH);
}

/** Whether claims need a batch. */
function isKept({ withdrawals }: ClaimableBatch, claims: RebuildOptions['claims'] = 'all'): boolean {
  if (typeof claims === 'string') return claims === 'all';
  return withdrawals.some(({ ownerAndToken }) => unpackOwnerAndToken(ownerAndToken).owner === claims);
}

/** Where a rebuild is. */
interface Progress {
  /** The genesis, once it was read. */
  empty: StateAt | undefined;
  /** The last batch that was replayed, or that of the snapshot. */
  at: StateAt | undefined;
  /** The last one before the snapshot that claims were read of. */
  old: StoredHeader | undefined;
  /** Batches replayed, in all and since the state was kept. */
  replayed: number;
  unkept: number;
}

/** Keeps the state where it is whole. */
async function keepNow({ keep }: RebuildOptions, progress: Progress): Promise<void> {
  const { at, unkept } = progress;
  if (keep === undefined || at === undefined || unkept === 0) return;
  await keep(at);
  progress.unkept = 0;
}

/** Takes one batch: begins with the genesis, reads what is older than the snapshot for claims, replays the others. */
async function takeBatch(
  options: RebuildOptions,
  progress: Progress,
  batch: FinalizedBatch,
  { final, deployment }: { readonly final: FinalBatches; readonly deployment: ReplayDeployment },
): Promise<{ readonly taken: ClaimableBatch; readonly dataBlock?: number } | undefined> {
  const { number } = batch.header;
  if (number === 0) {
    progress.empty = emptyState(options.crypto, batch);
    progress.old = progress.empty.header;
    progress.at = options.snapshot ?? progress.empty;
  }
  const start = options.snapshot?.header.number ?? 0;
  if (number === start && options.snapshot !== undefined) requireFinal(options.snapshot.header, batch);
  if (number === 0 || (number <= start && options.claims === 'none')) return undefined;
  if (number <= start) {
    const taken = await readClaimable(options.reader, progress.old!, batch, final);
    progress.old = taken.header;
    return { taken };
  }
  const { replayed, dataBlock } = await replayNext(options, progress.at!, batch, final, deployment);
  progress.at = { state: progress.at!.state, header: replayed.header };
  progress.replayed += 1;
  progress.unkept += 1;
  return { taken: replayed, dataBlock };
}

/** Takes all batches and keeps the state now and then, and whatever happens in the end. */
async function takeAll(
  options: RebuildOptions,
  progress: Progress,
  windows: FinalWindows,
  deployment: ReplayDeployment,
  note: (batch: ClaimableBatch) => void,
): Promise<void> {
  try {
    for await (const window of windows.read()) {
      const reader = readingAhead(options.reader, window.finalized, window);
      for (const batch of window.finalized) {
        options.signal?.throwIfAborted();
        options.onProgress?.(batch.header.number, windows.last + 1);
        const next = await takeBatch({ ...options, reader }, progress, batch, { final: window, deployment });
        if (next === undefined) continue;
        note(next.taken);
        if (next.dataBlock !== undefined) windows.passed(next.dataBlock);
        if (isKeepDue(progress.unkept, progress.at!.state.accountCount)) await keepNow(options, progress);
      }
    }
  } catch (error) {
    // Why the replay ended counts, also where the state cannot be kept; a state that is half way is not kept.
    const { at } = progress;
    if (at !== undefined && at.state.root === at.header.stateRoot)
      await keepNow(options, progress).catch(() => undefined);
    throw error;
  }
  await keepNow(options, progress);
}

/**
 * Replays every final batch from calldata and blobs and compares each header with the hash on L1. Holds the batches of a
 * stretch of L1 and a few of their data ahead, and what is kept for claims, so the length of the rollup is no matter.
 *
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, NO_DEPLOYMENT when `fromBlock` lies
 * behind the deployment, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_UNREACHABLE, RESOURCES_SHORT, or what
 * `keep` throws.
 */
export async function rebuildRollup(options: RebuildOptions): Promise<RebuiltRollup> {
  const { fromBlock, snapshot, onProgress } = options;
  const deployment = await options.reader.connect();
  const windows = await createFinalWindows(options.reader, fromBlock, await options.reader.head());
  const count = windows.last + 1;
  if (snapshot !== undefined && snapshot.header.number >= count) requireFinal(snapshot.header, undefined);
  const batches = Array<ClaimableBatch | undefined>(count).fill(undefined);
  const note = (batch: ClaimableBatch): void => {
    if (isKept(batch, options.claims)) batches[batch.header.number] = claimableOf(batch);
  };
  const progress: Progress = { empty: undefined, at: undefined, old: undefined, replayed: 0, unkept: 0 };
  await takeAll(options, progress, windows, deployment, note);
  onProgress?.(count, count);
  const at = progress.at!;
  requireStateOf(at.header, at.state);
  return { ...at, batches, replayedCount: progress.replayed };
}

/** A batch without what it changed, which is taken back by nobody here. */
function claimableOf({ header, hash, withdrawals }: ClaimableBatch): ClaimableBatch {
  return { header, hash, withdrawals };
}

/** @throws RollupError L1_INCONSISTENT when L1 has taken back the batch of a snapshot since it was opened. */
function requireFinal(header: StoredHeader, onL1: FinalizedBatch | undefined): void {
  const expected = headerHash(header);
  if (onL1?.headerHash === expected) return;
  const what = `final batch ${header.number}`;
  const message = `${what} is ${onL1?.headerHash ?? 'not there'} on L1, the snapshot is of ${expected}: L1 took it back, or its nodes disagree; try again`;
  throw new RollupError('L1_INCONSISTENT', message, { what, expected, actual: onL1?.headerHash });
}

/** The root of a header is what L1 has; that of the state is what was replayed. */
function requireStateOf({ number, stateRoot }: StoredHeader, { root }: ExecutionState): void {
  if (stateRoot === root) return;
  const what = `the state of batch ${number}, the last final one,`;
  const message = `${what} has root ${stateRoot} on L1, what was replayed has ${root}`;
  throw new RollupError('L1_INCONSISTENT', message, { what, expected: stateRoot, actual: root });
}
