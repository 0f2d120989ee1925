/** Final batches as claims need them, from calldata alone: neither blobs nor a replay. Source: docs/protocol.md, Old blobs. */

import type { FinalizedBatch, RollupReader } from '@quittance/chain';
import {
  type Bytes32,
  headerHash,
  headerOf,
  RollupError,
  type StoredHeader,
  visibleRecordsOf,
  withdrawalsIn,
} from '@quittance/protocol';
import { type FinalBatches, readFinalBatches, readFinalData } from './final-batches.ts';
import type { ClaimableBatch } from './replay.ts';

/** @throws RollupError LIE_FINAL when L1 holds another header than its data gives. */
export function requireSameHash(number: number, replayed: string, onL1: string): void {
  if (replayed === onL1) return;
  throw new RollupError('LIE_FINAL', `the header of batch ${number} replays to ${replayed}, L1 holds ${onL1}`, {
    batch: number,
    expected: onL1,
    actual: replayed,
  });
}

/** A batch as far as its calldata tells: its records may stand in blobs, its withdrawals and moves never do. */
export async function readClaimable(
  reader: RollupReader,
  parent: StoredHeader,
  batch: FinalizedBatch,
  final: Pick<FinalBatches, 'asserted'>,
): Promise<ClaimableBatch> {
  const { data } = await readFinalData(reader, batch, final);
  const header = headerOf(parent, data);
  const hash = headerHash(header);
  requireSameHash(batch.header.number, hash, batch.headerHash);
  return { header, hash, withdrawals: withdrawalsIn(visibleRecordsOf(data).flat()) };
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
 * @throws RollupError LIE_FINAL, NO_DEPLOYMENT, L1_LOGS_INCOMPLETE, L1_UNREACHABLE, or the signal's reason.
 */
export async function readClaimableBatches(options: ClaimableOptions): Promise<ClaimableBatches> {
  const { reader, fromBlock, signal, known } = options;
  const final = await readFinalBatches(reader, fromBlock, 0);
  const [genesis, ...later] = final.finalized;
  let header = genesis!.header;
  requireSameHash(0, headerHash(header), genesis!.headerHash);
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
