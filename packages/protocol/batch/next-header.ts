/**
 * The header that a batch makes on its parent, from its transaction alone, whether or not the batch is right.
 * Source: docs/protocol.md, Batch and header.
 */

import { RollupError } from '../errors/index.ts';
import type { RecordData } from '../records/codec.ts';
import { isPriorityKind } from '../records/kinds.ts';
import { RecordKind, type Withdrawal } from '../types.ts';
import { type BatchContent, chunkCountOf, chunksContentOf, visibleRecordsOf } from './content.ts';
import { chunksHash, headerHash, type StoredHeader } from './header.ts';
import { withdrawalsRoot } from './withdrawals.ts';

/** What the records say is withdrawn or moved, in the order of the withdrawals tree. */
export function withdrawalsIn(records: readonly RecordData[]): Withdrawal[] {
  return records.flatMap(({ fields, words }): Withdrawal[] => {
    const [keyY, ownerAndToken, amount = 0n] = words;
    if (amount === 0n) return [];
    switch (fields.kind) {
      case RecordKind.withdraw:
      case RecordKind.forcedExit:
        return [{ ownerAndToken: ownerAndToken!, amount }];
      case RecordKind.move:
        return [{ ownerAndToken: ownerAndToken!, amount, move: { destination: fields.to, keyY: keyY! } }];
      default:
        return [];
    }
  });
}

/**
 * The header of a batch on a parent. Its hash says which batch is meant: two batches of one hash have the same data in the same
 * form. All of it stands in the transaction, and nothing in a blob.
 * Twin: contracts/libraries/BatchReader.sol _read.
 *
 * @throws RollupError WRONG_LENGTH when there is no root, or as `visibleRecordsOf`.
 */
export function headerOf(parent: StoredHeader, batch: BatchContent): StoredHeader {
  const stateRoot = batch.roots.at(-1);
  if (stateRoot === undefined) {
    const data = { name: 'roots', expected: chunkCountOf(batch) + 1, actual: 0 };
    throw new RollupError('WRONG_LENGTH', 'the batch has no roots', data);
  }
  const visible = visibleRecordsOf(batch).flat();
  const withdrawals = withdrawalsIn(visible);
  const count = (wanted: (kind: number) => boolean) => visible.filter(({ fields }) => wanted(fields.kind)).length;
  return {
    number: batch.number,
    time: batch.time,
    parentHash: headerHash(parent),
    stateRoot,
    chunksHash: chunksHash(chunksContentOf(batch)),
    withdrawalsRoot: withdrawalsRoot(withdrawals),
    withdrawalCount: withdrawals.length,
    priorityCount: parent.priorityCount + count(isPriorityKind),
    transferToNewCount: parent.transferToNewCount + count((kind) => kind === RecordKind.transferToNew),
  };
}
