/**
 * 4-ary sparse Merkle tree of fixed depth, in memory.
 * Source: docs/protocol.md, State.
 */

import { type Hasher, hashMany } from '../hash.ts';
import { isFieldElement, requireBits, requireFieldElement } from '../integers.ts';
import { SHARD_COUNT, SHARD_DEPTH, TREE_ARITY, TREE_DEPTH } from '../params.ts';

const DIGIT_BITS = Math.log2(TREE_ARITY);

/** Base-4 digit of `index` that chooses the child of a node at `level` (the root is level 0). */
export function digitAt(index: number, level: number): number {
  return (index >> (DIGIT_BITS * (TREE_DEPTH - 1 - level))) & (TREE_ARITY - 1);
}

/** Shard of a leaf: its first three base-4 digits. */
export function shardOf(index: number): number {
  return index >> (DIGIT_BITS * (TREE_DEPTH - SHARD_DEPTH));
}

/** Nodes of empty subtrees: element `l` is the node at level `l`; element TREE_DEPTH is the empty leaf, 0. */
export function emptyNodes(hasher: Hasher): readonly bigint[] {
  const nodes = [0n];
  for (let level = TREE_DEPTH - 1; level >= 0; level -= 1) {
    const child = nodes[0]!;
    nodes.unshift(hasher.hash(Array.from({ length: TREE_ARITY }, () => child)));
  }
  return nodes;
}

function requireLeaf(index: number, leaf: bigint): void {
  requireBits('index', index, DIGIT_BITS * TREE_DEPTH);
  requireFieldElement('leaf', leaf);
}

/**
 * A Merkle tree of leaf hashes; 0 is the empty leaf.
 * Twin: circuits/lib/merkle.circom MerkleRoot.
 * Twin: circuits/root.circom Root.
 */
export class MerkleTree {
  readonly #hasher: Hasher;
  readonly #empty: readonly bigint[];
  /** Per level, nodes that differ from the empty one, by position. */
  readonly #levels: readonly Map<number, bigint>[];

  /** What lies below a fork. */
  readonly #base: MerkleTree | undefined;

  /** @param base for a fork, the tree that it lies on. */
  constructor(hasher: Hasher, base?: MerkleTree) {
    this.#hasher = hasher;
    this.#base = base;
    this.#empty = base === undefined ? emptyNodes(hasher) : base.#empty;
    this.#levels = Array.from({ length: TREE_DEPTH + 1 }, () => new Map<number, bigint>());
  }

  /** The node at `level` (0 is the root) and `position` (0 to 4^level − 1). */
  node(level: number, position: number): bigint {
    return this.#levels[level]!.get(position) ?? this.#base?.node(level, position) ?? this.#empty[level]!;
  }

  get root(): bigint {
    return this.node(0, 0);
  }

  /** The 64 nodes three levels below the root. */
  shards(): bigint[] {
    return Array.from({ length: SHARD_COUNT }, (_, position) => this.node(SHARD_DEPTH, position));
  }

  /** The four children of each node on the path of `index`, from `fromLevel` down to the parent of the leaf. */
  path(index: number, fromLevel = 0): bigint[][] {
    requireBits('index', index, DIGIT_BITS * TREE_DEPTH);
    return Array.from({ length: TREE_DEPTH - fromLevel }, (_, offset) =>
      this.#children(fromLevel + offset, index >> (DIGIT_BITS * (TREE_DEPTH - fromLevel - offset))),
    );
  }

  /** Writes a leaf hash and the 12 nodes above it. @throws RollupError OUT_OF_RANGE for an index or hash out of range. */
  setLeaf(index: number, leaf: bigint): void {
    requireLeaf(index, leaf);
    this.#levels[TREE_DEPTH]!.set(index, leaf);
    for (let level = TREE_DEPTH - 1, position = index; level >= 0; level -= 1) {
      position >>= DIGIT_BITS;
      this.#levels[level]!.set(position, this.#hasher.hash(this.#children(level, position)));
    }
  }

  /** Writes many leaf hashes, all or none; each node above them is hashed once, a level at a time. @throws RollupError OUT_OF_RANGE as `setLeaf`. */
  setLeaves(leaves: Iterable<readonly [index: number, leaf: bigint]>): void {
    const steps = this.setLeavesInSteps(leaves, Number.POSITIVE_INFINITY);
    while (steps.next().done !== true);
  }

  /**
   * `setLeaves` in steps of at most `nodesPerStep` hashes: the caller decides when the next one runs. Nobody may use the tree
   * before the last one.
   */
  *setLeavesInSteps(
    leaves: Iterable<readonly [index: number, leaf: bigint]>,
    nodesPerStep: number,
  ): Generator<void, void, void> {
    const checked = new Map(leaves);
    for (const [index, leaf] of checked) requireLeaf(index, leaf);
    for (const [index, leaf] of checked) this.#levels[TREE_DEPTH]!.set(index, leaf);
    let dirty = [...checked.keys()];
    for (let level = TREE_DEPTH - 1; level >= 0; level -= 1) {
      dirty = [...new Set(dirty.map((position) => position >> DIGIT_BITS))];
      for (let first = 0; first < dirty.length; first += nodesPerStep) {
        const some = dirty.slice(first, first + nodesPerStep);
        const nodes = hashMany(this.#hasher, some, (position) => this.#children(level, position));
        for (const [at, position] of some.entries()) this.#levels[level]!.set(position, nodes[at]!);
        yield;
      }
    }
  }

  /** Takes over a root and the nodes of the path of a leaf (12 levels of four children, the root's first), without hashing. */
  takePath(root: bigint, index: number, path: readonly (readonly bigint[])[]): void {
    requireBits('index', index, DIGIT_BITS * TREE_DEPTH);
    this.#levels[0]!.set(0, root);
    for (const [level, children] of path.entries()) {
      const first = (index >> (DIGIT_BITS * (TREE_DEPTH - level))) * TREE_ARITY;
      for (const [child, node] of children.entries()) this.#levels[level + 1]!.set(first + child, node);
    }
  }

  /** Whether every node above these leaves is the hash of its children; in steps of at most `nodesPerStep` hashes. */
  *verifyInSteps(indices: Iterable<number>, nodesPerStep: number): Generator<void, boolean, void> {
    let positions = [...new Set(indices)];
    for (let level = TREE_DEPTH - 1; level >= 0; level -= 1) {
      positions = [...new Set(positions.map((position) => position >> DIGIT_BITS))];
      for (let first = 0; first < positions.length; first += nodesPerStep) {
        const some = positions.slice(first, first + nodesPerStep);
        const nodes = hashMany(this.#hasher, some, (position) => this.#children(level, position));
        if (some.some((position, at) => this.node(level, position) !== nodes[at])) return false;
        yield;
      }
    }
    return true;
  }

  /** A tree that begins as this one and does not change it. This one must not change while the fork is in use. */
  fork(): MerkleTree {
    return new MerkleTree(this.#hasher, this);
  }

  /** Takes over all that was written to a fork of this tree. */
  merge(fork: MerkleTree): void {
    for (const [level, nodes] of fork.#levels.entries()) {
      for (const [position, node] of nodes) this.#levels[level]!.set(position, node);
    }
  }

  #children(level: number, position: number): bigint[] {
    return Array.from({ length: TREE_ARITY }, (_, child) => this.node(level + 1, position * TREE_ARITY + child));
  }
}

/**
 * Root that follows from a leaf and its path (12 levels of four children, root first), or undefined when the path
 * is malformed, has a node that is no field element, or its nodes do not hash up to one another. Never throws on an
 * untrusted path.
 * Twin: contracts/step/StepTree.sol rootOf.
 * Twin: contracts/libraries/StateProofs.sol rootOf.
 */
export function rootFromPath(
  hasher: Hasher,
  index: number,
  leaf: bigint,
  path: readonly (readonly bigint[])[],
): bigint | undefined {
  if (path.length !== TREE_DEPTH || !Number.isSafeInteger(index) || index < 0 || index >= TREE_ARITY ** TREE_DEPTH) {
    return undefined;
  }
  let node = leaf;
  for (let level = TREE_DEPTH - 1; level >= 0; level -= 1) {
    const children = path[level]!;
    if (children.length !== TREE_ARITY || !children.every(isFieldElement)) return undefined;
    if (children[digitAt(index, level)] !== node) return undefined;
    node = hasher.hash(children);
  }
  return node;
}
