/** The states between the records of an executed chunk: what an asserter answers a dispute with. */

import { type Bytes32, visibleCountOf } from '../batch/index.ts';
import type { Hasher } from '../hash.ts';
import { TREE_ARITY } from '../params.ts';
import type { ChunkTrace } from '../types.ts';
import { type StepState, stepCommitment } from './commitment.ts';

/** Root of the tree above 64 shards; nodes that `memo` has are not hashed again. */
function rootOfShards(hasher: Hasher, shards: readonly bigint[], memo: Map<string, bigint>): bigint {
  let level = shards;
  while (level.length > 1) {
    level = Array.from({ length: level.length / TREE_ARITY }, (_, node) => {
      const children = level.slice(TREE_ARITY * node, TREE_ARITY * (node + 1));
      const key = children.join();
      const known = memo.get(key);
      if (known !== undefined) return known;
      const hash = hasher.hash(children);
      memo.set(key, hash);
      return hash;
    });
  }
  return level[0]!;
}

/** The state before each slot of an executed chunk, the first one's first. */
export function stepStatesOf(hasher: Hasher, trace: ChunkTrace): StepState[] {
  const memo = new Map<string, bigint>();
  let visibleCount = 0;
  return trace.slots.map(({ shards, fees, operation }) => {
    const state = { stateRoot: rootOfShards(hasher, shards, memo), fees, visibleCount };
    visibleCount += visibleCountOf([operation]);
    return state;
  });
}

/** The M − 1 step commitments after slots 0 to M − 2 of an executed chunk: what `answerDispute` takes. */
export function stepCommitmentsOf(hasher: Hasher, trace: ChunkTrace): Bytes32[] {
  return stepStatesOf(hasher, trace)
    .slice(1)
    .map((state) => stepCommitment(state, trace.context.feeTokens));
}
