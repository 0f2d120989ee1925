/**
 * The header that a batch makes on its parent, from its data alone, whether or not the batch is right.
 * Source: docs/protocol.md, Batch and header.
 */

import { decodeChunkData, type RecordData } from '../records/codec.ts';
import { isPriorityKind } from '../records/kinds.ts';
import { RecordKind, type Withdrawal } from '../types.ts';
import { keccak } from './abi.ts';
import { chunksHash, headerHash, type StoredHeader } from './header.ts';
import { withdrawalsRoot } from './withdrawals.ts';

/** What the calldata of a batch of K chunks says of it, whichever way it came to L1. */
export interface BatchContent {
  readonly number: number;
  /** Unix seconds. */
  readonly time: number;
  /** K + 1: before the first chunk and after each. */
  readonly roots: readonly bigint[];
  /** K. */
  readonly commitments: readonly bigint[];
  /** K packed lists. */
  readonly feeTokens: readonly bigint[];
  /** K data strings. */
  readonly chunks: readonly Uint8Array[];
}

/** A batch's records by chunk. @throws RollupError WRONG_LENGTH or OUT_OF_RANGE for data that L1 refuses. */
export function recordsOf(batch: Pick<BatchContent, 'chunks'>, slotsPerChunk: number): RecordData[][] {
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
 * Twin: contracts/base/BatchRules.sol _readBatch.
 *
 * @param records of all chunks, as `recordsOf` reads them.
 */
export function headerOf(
  parent: StoredHeader,
  batch: BatchContent,
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
