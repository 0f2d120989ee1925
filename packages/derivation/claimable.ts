/** Final batches as claims need them, from calldata alone: neither blobs nor a replay. Source: docs/protocol.md, Old blobs. */

import type { FinalizedBatch, RollupReader } from '@quittance/chain';
import { type Bytes32, type StoredHeader, visibleRecordsOf, withdrawalsIn } from '@quittance/protocol';
import { type FinalBatches, readFinalBatches, readFinalData } from './final-batches.ts';
import type { ClaimableBatch } from './replay.ts';

/**
 * A batch as far as its calldata tells: its records may stand in blobs, its withdrawals and moves never do.
 *
 * @throws RollupError as `readFinalData`.
 */
export async function readClaimable(
  reader: RollupReader,
  parent: StoredHeader,
  batch: FinalizedBatch,
  final: Pick<FinalBatches, 'asserted'>,
): Promise<ClaimableBatch> {
  const { data, header } = await readFinalData(reader, batch, final, parent);
  return { header, hash: batch.headerHash, withdrawals: withdrawalsIn(visibleRecordsOf(data).flat()) };
}

export interface ClaimableOptions {
  readonly reader: RollupReader;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
  readonly signal?: AbortSignal;
  /** What earlier calls read, by header hash: read no more, and what is new is added. */
  readonly known?: Map<Bytes32, ClaimableBatch>;
}

/** All final batches as claims need them, by number; element 0 stands for the genesis and is undefined. */
export interface ClaimableBatches {
  readonly batches: readonly (ClaimableBatch | undefined)[];
}

/**
 * Reads every final batch as far as claims need it.
 *
 * @throws RollupError NO_DEPLOYMENT, L1_LOGS_INCOMPLETE, L1_INCONSISTENT, L1_UNREACHABLE, or the signal's reason.
 */
export async function readClaimableBatches(options: ClaimableOptions): Promise<ClaimableBatches> {
  const { reader, fromBlock, signal, known } = options;
  const final = await readFinalBatches(reader, fromBlock, 0);
  const [genesis, ...later] = final.finalized;
  let header = genesis!.header;
  const batches: (ClaimableBatch | undefined)[] = [undefined];
  for (const batch of later) {
    signal?.throwIfAborted();
    const next = known?.get(batch.headerHash) ?? (await readClaimable(reader, header, batch, final));
    known?.set(batch.headerHash, next);
    header = next.header;
    batches.push(next);
  }
  return { batches };
}
