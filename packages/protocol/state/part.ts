/** A part of a state: the leaves that some records name, with their paths. */

import type { Hasher } from '../hash.ts';
import { MerkleTree } from '../tree/merkle-tree.ts';
import type { Account } from '../types.ts';
import { type ExecutionState, RollupState } from './state.ts';

/**
 * Copies the leaves at `indices` with the nodes of their paths, a leaf a step: a state of the reference on which records that
 * name no other leaf execute as on the whole one. Nothing is hashed: `RollupState.verifyInSteps` says whether it is sound.
 *
 * @param source does not change before the last step.
 */
export function* copyPart(
  hasher: Hasher,
  source: Pick<ExecutionState, 'root' | 'get' | 'path'>,
  indices: Iterable<number>,
): Generator<void, RollupState, void> {
  const { root } = source;
  const tree = new MerkleTree(hasher);
  const accounts: [number, Account][] = [];
  for (const index of indices) {
    tree.takePath(root, index, source.path(index));
    const account = source.get(index);
    if (account !== undefined) accounts.push([index, account]);
    yield;
  }
  return new RollupState(hasher, accounts, tree);
}
