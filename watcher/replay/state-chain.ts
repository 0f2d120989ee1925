/**
 * The batches after a checkpoint with the state of the last one. Batches are added and taken back at the end; for a
 * moment the state can be that after any of them.
 */

import { redoChanges, undoChanges } from '@quittance/derivation';
import {
  type Account,
  type Bytes32,
  type Engine,
  type ExecutionState,
  headerHash,
  invariantBroken,
  type LeafChange,
  type StoredHeader,
} from '@quittance/protocol';

/** A batch that was replayed, and what it changed. */
export interface ReplayedLink {
  readonly header: StoredHeader;
  readonly changes: Iterable<LeafChange>;
}

interface Link extends ReplayedLink {
  readonly hash: Bytes32;
}

/** A chain of replayed batches. */
export class StateChain {
  readonly #state: ExecutionState;
  readonly #links: Link[] = [];
  #base: { readonly header: StoredHeader; readonly hash: Bytes32 };
  /** Whether a batch is being added. */
  #isBusy = false;

  /**
   * A chain whose base is the batch of `header`, with the accounts after it.
   *
   * @throws RollupError INVARIANT_BROKEN when the accounts do not give the header's root.
   */
  constructor(engine: Engine, header: StoredHeader, accounts: Iterable<readonly [number, Account]>) {
    this.#state = engine.createState(accounts);
    this.#base = { header, hash: headerHash(header) };
    this.#requireRoot(header);
  }

  /** Header of the last batch. */
  get tip(): StoredHeader {
    return this.#last().header;
  }

  get tipHash(): Bytes32 {
    return this.#last().hash;
  }

  /** Header of the batch before the first one that can be taken back. */
  get base(): StoredHeader {
    return this.#base.header;
  }

  /** Hashes from the base to the tip. */
  hashes(): Bytes32[] {
    return [this.#base.hash, ...this.#links.map(({ hash }) => hash)];
  }

  /** Whether the chain has a batch with this header. */
  has(hash: Bytes32): boolean {
    return this.hashes().includes(hash);
  }

  /** The header with this hash, if the chain has it. */
  headerOf(hash: Bytes32): StoredHeader | undefined {
    return this.#base.hash === hash ? this.#base.header : this.#links.find((link) => link.hash === hash)?.header;
  }

  /**
   * Lets `execute` change the state and adds what it returns as the next batch. `execute` leaves the state as it was when it
   * throws, and when it returns undefined because there is no next batch. Until it is done the chain is not to be used.
   *
   * @returns whether a batch was added.
   * @throws RollupError INVARIANT_BROKEN when the state is not that of the header, and the chain is as before; or when
   * `execute` left a changed state behind; what `execute` throws.
   */
  async push(
    execute: (state: ExecutionState, parent: StoredHeader) => Promise<ReplayedLink | undefined>,
  ): Promise<boolean> {
    this.#requireIdle();
    this.#isBusy = true;
    try {
      const next = await execute(this.#state, this.tip);
      if (next === undefined) return false;
      this.#add(next);
      return true;
    } finally {
      this.#isBusy = false;
      this.#requireRoot(this.tip);
    }
  }

  /** Takes batches back until `hash` is the last one. @throws RollupError INVARIANT_BROKEN when it is none of the chain. */
  rewindTo(hash: Bytes32): void {
    this.#require(hash);
    while (this.tipHash !== hash) undoChanges(this.#state, this.#links.pop()!.changes);
    this.#requireRoot(this.tip);
  }

  /**
   * Runs `use` on the state after `hash`; it leaves the state as it was.
   *
   * @throws as `rewindTo`, RollupError INVARIANT_BROKEN when `use` left a changed state behind, or what `use` throws.
   */
  at<T>(hash: Bytes32, use: (state: ExecutionState, header: StoredHeader) => T): T {
    this.#require(hash);
    const position = this.hashes().indexOf(hash);
    const later = this.#links.slice(position);
    for (const { changes } of later.toReversed()) undoChanges(this.#state, changes);
    try {
      return use(this.#state, position === 0 ? this.#base.header : this.#links[position - 1]!.header);
    } finally {
      for (const { changes } of later) redoChanges(this.#state, changes);
      this.#requireRoot(this.tip);
    }
  }

  /** Makes `hash` the base. @returns the accounts that changed since the base before, as they are after it. */
  moveBase(hash: Bytes32): ReadonlyMap<number, Account | undefined> {
    this.#require(hash);
    const changed = new Map<number, Account | undefined>();
    while (this.#base.hash !== hash) {
      const { header, hash: next, changes } = this.#links.shift()!;
      for (const { index, after } of changes) changed.set(index, after);
      this.#base = { header, hash: next };
    }
    return changed;
  }

  #last(): { readonly header: StoredHeader; readonly hash: Bytes32 } {
    return this.#links.at(-1) ?? this.#base;
  }

  #add({ header, changes }: ReplayedLink): void {
    try {
      this.#requireRoot(header);
    } catch (error) {
      undoChanges(this.#state, changes);
      throw error;
    }
    this.#links.push({ header, hash: headerHash(header), changes });
  }

  #require(hash: Bytes32): void {
    this.#requireIdle();
    if (!this.has(hash)) throw invariantBroken(`no replayed batch has header hash ${hash}`, { hash });
  }

  #requireIdle(): void {
    if (this.#isBusy) throw invariantBroken('a batch is being added to the chain of states');
  }

  /** The state is trusted because its root is that of a header which L1 has. */
  #requireRoot({ number, stateRoot }: StoredHeader): void {
    const { root } = this.#state;
    if (root === stateRoot) return;
    throw invariantBroken(`the root after batch ${number} is ${root}, its header says ${stateRoot}`, {
      batch: number,
      expected: stateRoot,
      actual: root,
    });
  }
}
