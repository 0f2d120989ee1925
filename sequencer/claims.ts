/** What claims of withdrawals on L1 need. The trees of the batches that were asked for last are kept: one takes milliseconds. */

import { RollupError, type Withdrawal, withdrawalProofs } from '@quittance/protocol';
import type { Storage } from '../storage/index.ts';
import type { WithdrawalClaim } from './queries.ts';

/** Trees that are kept, some 100 bytes a withdrawal each. */
const MAX_TREES = 8;

interface Tree {
  readonly withdrawals: readonly Withdrawal[];
  readonly siblingsOf: (index: number) => readonly string[];
}

/** Looks up withdrawals with their paths in the tree of their batch. @throws RollupError NOT_FOUND. */
export function createClaims({
  batches,
  outcomes,
}: Pick<Storage, 'batches' | 'outcomes'>): (batch: number, index: number) => WithdrawalClaim {
  /** By the hash of the header: a number can be sealed anew. */
  const trees = new Map<string, Tree>();

  const treeOf = (number: number, headerHash: string): Tree => {
    const known = trees.get(headerHash);
    if (known !== undefined) return known;
    const withdrawals = outcomes.withdrawalsOf(number);
    const tree = { withdrawals, siblingsOf: withdrawalProofs(withdrawals) };
    if (trees.size >= MAX_TREES) trees.delete(trees.keys().next().value!);
    trees.set(headerHash, tree);
    return tree;
  };

  return (number, index) => {
    const batch = batches.get(number);
    const tree = batch === undefined ? undefined : treeOf(number, batch.headerHash);
    const withdrawal = tree?.withdrawals[index];
    if (batch === undefined || tree === undefined || withdrawal === undefined) {
      const data = { batch: number, actual: index };
      throw new RollupError('NOT_FOUND', `batch ${number} has no withdrawal ${index}`, data);
    }
    const { header, state: status } = batch;
    return { header, status, index, withdrawal, siblings: tree.siblingsOf(index) };
  };
}
