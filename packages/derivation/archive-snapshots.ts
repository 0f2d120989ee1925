/** The state behind final batches, kept as snapshots: replayed as batches become final, begun at the newest snapshot. */

import type { BlobSource, RollupReader } from '@quittance/chain';
import { type Crypto, genesisHeader, headerHash, isRollupError, RollupError, RollupState } from '@quittance/protocol';
import { readFinalBatches } from './final-batches.ts';
import { replayNext, type StateAt } from './rebuild.ts';
import { encodeSnapshot, openSnapshot } from './snapshot.ts';

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

interface Place {
  readonly reader: RollupReader;
  readonly source: BlobSource;
  readonly store: SnapshotStore;
  readonly fromBlock: number;
}

interface SnapshotOptions {
  readonly everyBatches: number;
  readonly crypto: Crypto;
}

/** Snapshots of a rollup. */
export function createSnapshots(
  { reader, source, store, fromBlock }: Place,
  { everyBatches, crypto }: SnapshotOptions,
) {
  let at: StateAt | undefined;
  /** No data of a later batch lies before it. */
  let dataBlock = fromBlock;

  async function atGenesis(): Promise<StateAt> {
    const state = new RollupState(crypto.hasher);
    const { finalized } = await readFinalBatches(reader, fromBlock, 0);
    return { state, header: genesisHeader(state.root, finalized[0]!.header.time) };
  }

  /** The newest snapshot that is whole and that L1 confirms, else the empty state. */
  async function begin(): Promise<StateAt> {
    for (const batch of (await store.snapshotBatches()).toReversed()) {
      try {
        return await openSnapshot(reader, crypto, await store.readSnapshot(batch));
      } catch (error) {
        if (!isRollupError(error, 'SNAPSHOT_DAMAGED') && !isRollupError(error, 'SNAPSHOT_FOREIGN')) throw error;
      }
    }
    return atGenesis();
  }

  return {
    /**
     * Replays what became final, as far as its blobs are to be had.
     *
     * @throws RollupError LIE_FINAL, L1_REORG when L1 took back what was replayed, L1_UNREACHABLE.
     */
    async follow(signal?: AbortSignal): Promise<{ readonly snapshot: number | undefined; readonly replayed: number }> {
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
      let kept = (await store.snapshotBatches()).at(-1);
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
        kept = at.header.number;
      }
      return { snapshot: kept, replayed: at.header.number };
    },
  };
}
