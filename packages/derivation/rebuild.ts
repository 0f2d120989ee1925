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
import { type FinalBatches, readFinalBatches } from './final-batches.ts';
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
  at: StateAt;
  /** Batches replayed, in all and since the state was kept. */
  replayed: number;
  unkept: number;
}

/** Replays batches one after the other and keeps the state now and then, and whatever happens in the end. */
async function replayAll(
  options: RebuildOptions,
  progress: Progress,
  batches: readonly FinalizedBatch[],
  final: FinalBatches,
  deployment: ReplayDeployment,
  note: (batch: ClaimableBatch) => void,
): Promise<void> {
  const { keep, signal, onProgress } = options;
  const total = final.finalized.length;
  const keepNow = async (): Promise<void> => {
    if (keep === undefined || progress.unkept === 0) return;
    await keep(progress.at);
    progress.unkept = 0;
  };
  try {
    for (const batch of batches) {
      signal?.throwIfAborted();
      onProgress?.(batch.header.number, total);
      const { replayed } = await replayNext(options, progress.at, batch, final, deployment);
      progress.at = { state: progress.at.state, header: replayed.header };
      progress.replayed += 1;
      progress.unkept += 1;
      note(replayed);
      if (isKeepDue(progress.unkept, progress.at.state.accountCount)) await keepNow();
    }
  } catch (error) {
    // Why the replay ended counts, also where the state cannot be kept; a state that is half way is not kept.
    if (progress.at.state.root === progress.at.header.stateRoot) await keepNow().catch(() => undefined);
    throw error;
  }
  await keepNow();
}

/** What was final before a snapshot, as far as claims need it. @throws RollupError L1_INCONSISTENT, or as `readClaimable`. */
async function readOld(
  { reader, claims, signal }: RebuildOptions,
  genesis: StoredHeader,
  batches: readonly FinalizedBatch[],
  final: FinalBatches,
  note: (batch: ClaimableBatch) => void,
): Promise<void> {
  if (claims === 'none') return;
  let header = genesis;
  for (const batch of batches) {
    signal?.throwIfAborted();
    const old = await readClaimable(reader, header, batch, final);
    header = old.header;
    note(old);
  }
}

/**
 * Replays every final batch from calldata and blobs and compares each header with the hash on L1. Holds about a kilobyte a
 * batch, what is kept for claims, and a few batches ahead.
 *
 * @throws RollupError LIE_FINAL when L1 holds something that the rules do not give, NO_DEPLOYMENT when `fromBlock` lies
 * behind the deployment, BLOB_UNAVAILABLE, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_UNREACHABLE, RESOURCES_SHORT, or what
 * `keep` throws.
 */
export async function rebuildRollup(options: RebuildOptions): Promise<RebuiltRollup> {
  const { crypto, fromBlock, snapshot, onProgress } = options;
  const deployment = await options.reader.connect();
  const final = await readFinalBatches(options.reader, fromBlock, 0);
  const [genesis, ...later] = final.finalized;
  const empty = emptyState(crypto, genesis!);
  const start = snapshot?.header ?? empty.header;
  requireFinal(start, final.finalized[start.number]);

  const reader = readingAhead(options.reader, later, final);
  const batches = Array<ClaimableBatch | undefined>(final.finalized.length).fill(undefined);
  const note = (batch: ClaimableBatch): void => {
    if (isKept(batch, options.claims)) batches[batch.header.number] = claimableOf(batch);
  };
  const progress: Progress = { at: snapshot ?? empty, replayed: 0, unkept: 0 };
  await readOld({ ...options, reader }, empty.header, later.slice(0, start.number), final, note);
  await replayAll({ ...options, reader }, progress, later.slice(start.number), final, deployment, note);
  onProgress?.(final.finalized.length, final.finalized.length);
  const { at, replayed } = progress;
  requireStateOf(at.header, at.state);
  return { ...at, batches, replayedCount: replayed };
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
