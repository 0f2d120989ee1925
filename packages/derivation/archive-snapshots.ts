/** The state behind final batches, kept as snapshots: replayed as batches become final, begun at the newest snapshot. */

import type { BlobSource, RollupReader } from '@quittance/chain';
import { headerHash, isRollupError, RollupError } from '@quittance/protocol';
import { readFinalBatches } from './final-batches.ts';
import { emptyState, replayNext, type StateAt } from './replay-final.ts';
import { encodeSnapshot, openSnapshot } from './snapshot.ts';
import type { ReplayCrypto } from './whole-batch.ts';

/** Where snapshots are kept. */
export interface SnapshotStore {
  /** For people. */
  readonly name: string;
  /** Batches of which there is a snapshot, ascending. */
  snapshotBatches(): Promise<number[]>;
  readSnapshot(batch: number): Promise<Uint8Array>;
  /** Keeps one, and lets go of all but the newest few. */
  keepSnapshot(batch: number, bytes: Uint8Array): Promise<void>;
}

/** A snapshot that no replay begins at. */
export interface SkippedSnapshot {
  readonly batch: number;
  /** For people: it is damaged, or L1 has another state. */
  readonly reason: string;
}

/** What became of the snapshots in a look. */
export interface FollowedState {
  /** Batch of the newest snapshot that L1 confirms; undefined when there is none. */
  readonly snapshot: number | undefined;
  /** Up to which final batch the state was replayed. */
  readonly replayed: number;
  /** Newer ones than that at which the replay began; told once. */
  readonly skipped: readonly SkippedSnapshot[];
}

interface Place {
  readonly reader: RollupReader;
  readonly source: BlobSource;
  readonly store: SnapshotStore;
  readonly fromBlock: number;
}

interface SnapshotOptions {
  readonly everyBatches: number;
  readonly crypto: ReplayCrypto;
}

/** Snapshots of a rollup. */
export function createSnapshots(
  { reader, source, store, fromBlock }: Place,
  { everyBatches, crypto }: SnapshotOptions,
) {
  let at: StateAt | undefined;
  /** The newest one that was opened or written. */
  let newest: number | undefined;
  /** Passed over by `begin`, and not reported yet. */
  let skipped: SkippedSnapshot[] = [];
  /** No data of a later batch lies before it. */
  let dataBlock = fromBlock;

  /** The newest snapshot that is whole and that L1 confirms, else the empty state. */
  async function begin(): Promise<StateAt> {
    skipped = [];
    for (const batch of (await store.snapshotBatches()).toReversed()) {
      try {
        const begun = await openSnapshot(reader, crypto, await store.readSnapshot(batch));
        newest = batch;
        return begun;
      } catch (error) {
        if (!isRollupError(error, 'SNAPSHOT_DAMAGED') && !isRollupError(error, 'SNAPSHOT_FOREIGN')) throw error;
        skipped.push({ batch, reason: error.message });
      }
    }
    newest = undefined;
    const { finalized } = await readFinalBatches(reader, fromBlock, 0);
    return emptyState(crypto, finalized[0]!);
  }

  return {
    /**
     * Replays what became final, as far as its blobs are to be had.
     *
     * @throws RollupError LIE_FINAL, NO_DEPLOYMENT, L1_REORG when L1 took back what was replayed, L1_LOGS_INCOMPLETE,
     * L1_INCONSISTENT, L1_UNREACHABLE.
     */
    async follow(signal?: AbortSignal): Promise<FollowedState> {
      at ??= await begin();
      const number = at.header.number;
      if ((await reader.headerHash(number)) !== headerHash(at.header)) {
        at = undefined;
        dataBlock = fromBlock;
        throw new RollupError('L1_REORG', `L1 took batch ${number} back; the next look begins at a snapshot before it`);
      }
      const deployment = await reader.connect();
      const final = await readFinalBatches(reader, dataBlock, number + 1);
      const replay = { reader, crypto, blobs: source, ...(signal && { signal }) };
      for (const batch of final.finalized) {
        signal?.throwIfAborted();
        try {
          const next = await replayNext(replay, at, batch, final, deployment);
          at = { state: at.state, header: next.replayed.header };
          dataBlock = next.dataBlock;
        } catch (error) {
          if (!isRollupError(error, 'BLOB_UNAVAILABLE')) throw error;
          break;
        }
        if (at.header.number % everyBatches !== 0) continue;
        await store.keepSnapshot(at.header.number, encodeSnapshot(at));
        newest = at.header.number;
      }
      const report = { snapshot: newest, replayed: at.header.number, skipped };
      skipped = [];
      return report;
    },
  };
}
