/** The header that L1 makes of a batch: from its data alone, whether or not the batch is right. */

import type { BatchSubmission } from '@quittance/chain';
import {
  chunksHash,
  decodeChunkData,
  headerHash,
  isPriorityKind,
  keccak,
  type RecordData,
  RecordKind,
  type StoredHeader,
  type Withdrawal,
  withdrawalsRoot,
} from '@quittance/protocol';

/** What the calldata of a batch says, whichever way it came, without what only the contract checks. */
export type SubmittedBatch = Omit<BatchSubmission, 'parent' | 'proofs'>;

/** A batch's records by chunk. @throws RollupError MALFORMED or OUT_OF_RANGE for data that L1 refuses. */
export function recordsOf(batch: Pick<SubmittedBatch, 'chunks'>, slotsPerChunk: number): RecordData[][] {
  return batch.chunks.map((data) => decodeChunkData(data, slotsPerChunk));
}

/** What the records say is withdrawn, in the order of the withdrawals tree. */
export function withdrawalsIn(records: readonly RecordData[]): Withdrawal[] {
  return records.flatMap(({ fields, words }) => {
    const releases = fields.kind === RecordKind.withdraw || fields.kind === RecordKind.forcedExit;
    return releases && words[2]! > 0n ? [{ ownerAndToken: words[1]!, amount: words[2]! }] : [];
  });
}

/**
 * The header of a batch on a parent. Its hash says which batch is meant: two batches of one hash have the same data.
 *
 * @param records of all chunks, as `recordsOf` reads them.
 */
export function headerOf(
  parent: StoredHeader,
  batch: SubmittedBatch,
  records: readonly (readonly RecordData[])[],
): StoredHeader {
  const all = records.flat();
  const withdrawals = withdrawalsIn(all);
  const count = (wanted: (kind: number) => boolean) => all.filter(({ fields }) => wanted(fields.kind)).length;
  return {
    number: batch.number,
    time: batch.time,
    parentHash: headerHash(parent),
    stateRoot: batch.roots.at(-1)!,
    chunksHash: chunksHash({ ...batch, dataHashes: batch.chunks.map(keccak) }),
    withdrawalsRoot: withdrawalsRoot(withdrawals),
    withdrawalCount: withdrawals.length,
    priorityCount: parent.priorityCount + count(isPriorityKind),
    transferToNewCount: parent.transferToNewCount + count((kind) => kind === RecordKind.transferToNew),
  };
}
