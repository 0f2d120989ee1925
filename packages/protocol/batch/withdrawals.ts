/** The keccak tree of a batch's withdrawals. Source: docs/protocol.md, Withdrawals root. */

import { concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { RollupError } from '../errors/index.ts';
import type { Withdrawal } from '../types.ts';
import { type Bytes32, encodeWords, keccak } from './abi.ts';
import { ZERO_BYTES32 } from './header.ts';

function hashPair(left: Bytes32, right: Bytes32): Bytes32 {
  return keccak(concatBytes(hexToBytes(left.slice(2)), hexToBytes(right.slice(2))));
}

/**
 * Leaf of a withdrawal or a move: hashed twice, so that no node can pass for a leaf; one of two words never passes for one of
 * four.
 * Twin: contracts/libraries/Withdrawals.sol leaf.
 * Twin: contracts/libraries/Withdrawals.sol moveLeaf.
 */
export function withdrawalLeaf({ ownerAndToken, amount, move }: Withdrawal): Bytes32 {
  const target = move === undefined ? [] : [move.destination, move.keyY];
  return keccak(hexToBytes(keccak(encodeWords([ownerAndToken, amount, ...target])).slice(2)));
}

function levelsOf(withdrawals: readonly Withdrawal[]): Bytes32[][] {
  const levels = [withdrawals.map(withdrawalLeaf)];
  for (let level = levels[0]!; level.length > 1; ) {
    const below = level;
    level = Array.from({ length: Math.ceil(below.length / 2) }, (_, position) =>
      hashPair(below[2 * position]!, below[2 * position + 1] ?? ZERO_BYTES32),
    );
    levels.push(level);
  }
  return levels;
}

/** Root of a batch's withdrawals; 32 zero bytes when there are none. Twin: contracts/libraries/Withdrawals.sol root. */
export function withdrawalsRoot(withdrawals: readonly Withdrawal[]): Bytes32 {
  return levelsOf(withdrawals).at(-1)![0] ?? ZERO_BYTES32;
}

/**
 * What of a proof `executeMoves` needs behind that of another move of the batch: the siblings below the level where both paths
 * meet. Twin: contracts/libraries/Withdrawals.sol climb.
 *
 * @param previous index of the move before it in the call, another one.
 */
export function siblingsBehind(previous: number, index: number, siblings: readonly Bytes32[]): readonly Bytes32[] {
  return siblings.slice(0, 31 - Math.clz32(previous ^ index));
}

/**
 * Proofs of a batch's withdrawals, with its tree hashed once: siblings of withdrawal `index`, the leaf's first, exactly
 * ⌈log2(count)⌉ of them; OUT_OF_RANGE for another index.
 */
export function withdrawalProofs(withdrawals: readonly Withdrawal[]): (index: number) => Bytes32[] {
  const levels = levelsOf(withdrawals).slice(0, -1);
  return (index) => {
    if (Number.isSafeInteger(index) && index >= 0 && index < withdrawals.length) {
      return levels.map((level, depth) => level[(index >> depth) ^ 1] ?? ZERO_BYTES32);
    }
    throw new RollupError('OUT_OF_RANGE', `withdrawal ${index} of ${withdrawals.length} does not exist`, {
      actual: index,
      expected: `0 to ${withdrawals.length - 1}`,
    });
  };
}

/**
 * One of these proofs. @throws RollupError OUT_OF_RANGE.
 * Twin: contracts/libraries/Withdrawals.sol rootOf.
 */
export function withdrawalProof(withdrawals: readonly Withdrawal[], index: number): Bytes32[] {
  return withdrawalProofs(withdrawals)(index);
}
