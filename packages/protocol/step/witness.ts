/** What the step verifier on L1 needs to execute one record: leaves, siblings and coordinates. */

import { xCandidates } from '../keys/index.ts';
import { AUTHORIZATION_BYTES, TREE_CAPACITY, TREE_DEPTH } from '../params.ts';
import { digitAt } from '../tree/index.ts';
import type { Account, RecordFields } from '../types.ts';
import { unpackAuthorization } from './authorization.ts';

/** The state that a witness is read from. */
export interface ProvableState {
  get(index: number): Account | undefined;
  /** 12 levels of four children, the root's first. */
  path(index: number): readonly (readonly bigint[])[];
}

/** A leaf before the record; undefined is an empty one. */
export interface StepLeaf {
  readonly account: Account | undefined;
  /** Three a level, in the order of the children, from the leaf's level upwards. */
  readonly siblings: readonly (readonly bigint[])[];
}

/** All that L1 cannot know but can check. Twin: contracts/step/StepTypes.sol StepWitness. */
export interface StepWitness {
  readonly from: StepLeaf;
  readonly to: StepLeaf;
  /** Either x of the sender's key, 0 when its y has none or nobody signed. */
  readonly keyX: bigint;
  /** Likewise of R8. */
  readonly r8X: bigint;
}

/** An index beyond the tree has no leaf, and its record is invalid without one. */
const NO_LEAF: StepLeaf = {
  account: undefined,
  siblings: Array.from({ length: TREE_DEPTH }, () => [0n, 0n, 0n]),
};

function leafAt(state: ProvableState, index: number): StepLeaf {
  if (index >= TREE_CAPACITY) return NO_LEAF;
  const path = state.path(index);
  const siblings = path.map((children, level) => children.filter((_, child) => child !== digitAt(index, level)));
  return { account: state.get(index), siblings: siblings.toReversed() };
}

/**
 * The witness for a record in `state`. Every record and every state have one.
 *
 * @param authorization the 69 bytes of kinds 1 to 3 and 7; empty when there are none.
 */
export function createStepWitness(
  state: ProvableState,
  { from, to }: Pick<RecordFields, 'from' | 'to'>,
  authorization: Uint8Array,
): StepWitness {
  const sender = leafAt(state, from);
  const isSigned = authorization.length === AUTHORIZATION_BYTES;
  const xOf = (y: bigint | undefined) => (y === undefined ? 0n : (xCandidates(y)[0] ?? 0n));
  return {
    from: sender,
    to: leafAt(state, to),
    keyX: isSigned ? xOf(sender.account?.keyY) : 0n,
    r8X: isSigned ? xOf(unpackAuthorization(authorization).r8Y) : 0n,
  };
}
