/** Accounts with their Merkle tree, and a cheap overlay without one. */

import type { Hasher } from '../hash.ts';
import { SHARD_DEPTH, TREE_DEPTH } from '../params.ts';
import { encodeAccountRows } from '../tree/account-row.ts';
import { hashLeaf, hashLeaves } from '../tree/leaf.ts';
import { MerkleTree } from '../tree/merkle-tree.ts';
import type { Account, AccountChange, LeafAccess } from '../types.ts';
import type { StateView } from './apply.ts';

/** A full state, of whatever engine: every account and every node. All methods are synchronous. */
export interface ExecutionState extends StateView {
  readonly root: bigint;
  readonly accountCount: number;
  /** All accounts, in an order that two states with the same history share. */
  accounts(): IterableIterator<[number, Account]>;
  /** The 64 nodes three levels below the root. */
  shards(): bigint[];
  /** Merkle path of a leaf: 12 levels of four children, the root's first. */
  path(index: number): bigint[][];
  /** The access that a slot makes at `index` in the present state. */
  access(index: number): LeafAccess;
  /**
   * Makes one change; `after` undefined empties the leaf again, which only an undo does.
   *
   * @throws RollupError OUT_OF_RANGE for an index or a field out of range; nothing has changed then.
   */
  write(change: Pick<AccountChange, 'index' | 'after'>): void;
  /**
   * Makes many changes with fewer hashes than one by one; the last one of an index counts.
   *
   * @throws RollupError OUT_OF_RANGE for an index or a field out of range; nothing has changed then.
   */
  writeAll(changes: Iterable<readonly [index: number, after: Account | undefined]>): void;
  /** Takes changes back, the last one first. */
  undo(changes: readonly Pick<AccountChange, 'index' | 'before'>[]): void;
  /**
   * The accounts by ascending index, 80 bytes each: index 4 ‖ keyY 32 ‖ owner 20 ‖ tokenId 4 ‖ nonce 4 ‖ balance 16, all
   * big-endian. `Engine.restore` makes the state of them.
   */
  rows(): Uint8Array;
}

/** The state of the reference engine: maps of bigint. */
export class RollupState implements ExecutionState {
  readonly #hasher: Hasher;
  readonly #tree: MerkleTree;
  readonly #accounts = new Map<number, Account>();

  /** @param tree that of the accounts, where it is known. */
  constructor(hasher: Hasher, accounts: Iterable<readonly [index: number, account: Account]> = [], tree?: MerkleTree) {
    this.#hasher = hasher;
    this.#tree = tree ?? new MerkleTree(hasher);
    if (tree === undefined) this.writeAll(accounts);
    else this.#set(accounts);
  }

  get(index: number): Account | undefined {
    return this.#accounts.get(index);
  }

  get root(): bigint {
    return this.#tree.root;
  }

  get accountCount(): number {
    return this.#accounts.size;
  }

  /** All accounts, in the order in which they were first written. */
  accounts(): IterableIterator<[number, Account]> {
    return this.#accounts.entries();
  }

  shards(): bigint[] {
    return this.#tree.shards();
  }

  /** Merkle path of a leaf: 12 levels of four children, the root's first. */
  path(index: number): bigint[][] {
    return this.#tree.path(index);
  }

  /** The access that a slot makes at `index` in the present state. */
  access(index: number): LeafAccess {
    return { index, account: this.get(index), children: this.#tree.path(index, SHARD_DEPTH) };
  }

  /**
   * Makes one change; `after` undefined empties the leaf again, which only an undo does.
   *
   * @throws RollupError OUT_OF_RANGE for an index or a field out of range; nothing has changed then.
   */
  write({ index, after }: Pick<AccountChange, 'index' | 'after'>): void {
    this.#tree.setLeaf(index, hashLeaf(this.#hasher, after));
    this.#set([[index, after]]);
  }

  /**
   * Makes many changes with fewer hashes than one by one; the last one of an index counts.
   *
   * @throws RollupError OUT_OF_RANGE for an index or a field out of range; nothing has changed then.
   */
  writeAll(changes: Iterable<readonly [index: number, after: Account | undefined]>): void {
    const last = new Map(changes);
    const hashes = hashLeaves(this.#hasher, [...last.values()]);
    this.#tree.setLeaves([...last.keys()].map((index, at) => [index, hashes[at]!]));
    this.#set(last);
  }

  /** Takes changes back, the last one first. */
  undo(changes: readonly Pick<AccountChange, 'index' | 'before'>[]): void {
    for (const { index, before } of changes.toReversed()) this.write({ index, after: before });
  }

  /**
   * Whether these leaves and the nodes above them are what they hash to; in steps of at most `nodesPerStep` hashes. Others are
   * not looked at.
   */
  *verifyInSteps(indices: readonly number[], nodesPerStep: number): Generator<void, boolean, void> {
    for (let first = 0; first < indices.length; first += nodesPerStep) {
      const some = indices.slice(first, first + nodesPerStep);
      const leaves = hashLeaves(
        this.#hasher,
        some.map((index) => this.get(index)),
      );
      if (some.some((index, at) => this.#tree.node(TREE_DEPTH, index) !== leaves[at])) return false;
      yield;
    }
    return yield* this.#tree.verifyInSteps(indices, nodesPerStep);
  }

  /** A tree on top of this state's: what is written to it does not change this one. */
  forkTree(): MerkleTree {
    return this.#tree.fork();
  }

  /**
   * Takes over what was executed beside this state.
   *
   * @param changes the accounts that were written; their hashes are in `tree`.
   * @param tree a fork of this state's, which did not change since.
   */
  adopt(changes: Iterable<readonly [index: number, after: Account | undefined]>, tree: MerkleTree): void {
    this.#tree.merge(tree);
    this.#set(changes);
  }

  rows(): Uint8Array {
    return encodeAccountRows(this.#accounts);
  }

  #set(changes: Iterable<readonly [index: number, after: Account | undefined]>): void {
    for (const [index, after] of changes) {
      if (after === undefined) this.#accounts.delete(index);
      else this.#accounts.set(index, after);
    }
  }
}

/** Accounts on top of another view, without hashing: for admission against pending state. */
export class StateOverlay implements StateView {
  readonly #base: StateView;
  readonly #written = new Map<number, Account | undefined>();

  constructor(base: StateView) {
    this.#base = base;
  }

  get(index: number): Account | undefined {
    return this.#written.has(index) ? this.#written.get(index) : this.#base.get(index);
  }

  write({ index, after }: Pick<AccountChange, 'index' | 'after'>): void {
    this.#written.set(index, after);
  }

  /** What was written, each index once, as `RollupState.writeAll` takes it. */
  written(): IterableIterator<[number, Account | undefined]> {
    return this.#written.entries();
  }
}
