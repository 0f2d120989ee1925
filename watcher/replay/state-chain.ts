/**
 * The batches after a checkpoint with the state of the last one. Batches are added and taken back at the end; for a
 * moment the state can be that after any of them.
 */

import {
  type Account,
  type Bytes32,
  type Hasher,
  headerHash,
  invariantBroken,
  type StoredHeader,
} from '@quittance/protocol';
import { RecordingState, type StateDelta } from './recording-state.ts';

/** A batch that was replayed. */
interface Link extends StateDelta {
  readonly header: StoredHeader;
  readonly hash: Bytes32;
}

/** A chain of replayed batches. */
export class StateChain {
  readonly #state: RecordingState;
  readonly #links: Link[] = [];
  #base: { readonly header: StoredHeader; readonly hash: Bytes32 };

  /**
   * A chain whose base is the batch of `header`, with the accounts after it.
   *
   * @throws RollupError INVARIANT_BROKEN when the accounts do not give the header's root.
   */
  constructor(hasher: Hasher, header: StoredHeader, accounts: Iterable<readonly [number, Account]>) {
    this.#state = new RecordingState(hasher, accounts);
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

  get accountCount(): number {
    return this.#state.accountCount;
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
   * Lets `execute` change the state and adds what it returns as the next batch. When it throws, or returns undefined
   * because there is no next batch, the chain is as before.
   *
   * @throws RollupError INVARIANT_BROKEN when the state is not that of the header.
   */
  push(execute: (state: RecordingState, parent: StoredHeader) => StoredHeader | undefined): boolean {
    const state = this.#state;
    state.begin();
    let header: StoredHeader | undefined;
    try {
      header = execute(state, this.tip);
      if (header !== undefined) this.#requireRoot(header);
    } catch (error) {
      state.writeAll(state.end().before);
      throw error;
    }
    const delta = state.end();
    if (header === undefined) {
      state.writeAll(delta.before);
      return false;
    }
    this.#links.push({ header, hash: headerHash(header), ...delta });
    return true;
  }

  /** Takes batches back until `hash` is the last one. @throws RollupError INVARIANT_BROKEN when it is none of the chain. */
  rewindTo(hash: Bytes32): void {
    this.#require(hash);
    while (this.tipHash !== hash) this.#state.writeAll(this.#links.pop()!.before);
  }

  /** Runs `use` on the state after `hash`; what it changes is taken back. @throws as `rewindTo`, or what `use` throws. */
  at<T>(hash: Bytes32, use: (state: RecordingState, header: StoredHeader) => T): T {
    this.#require(hash);
    const state = this.#state;
    const position = this.hashes().indexOf(hash);
    const later = this.#links.slice(position);
    for (const { before } of later.toReversed()) state.writeAll(before);
    state.begin();
    try {
      return use(state, position === 0 ? this.#base.header : this.#links[position - 1]!.header);
    } finally {
      state.writeAll(state.end().before);
      for (const { after } of later) state.writeAll(after);
      this.#requireRoot(this.tip);
    }
  }

  /** Makes `hash` the base. @returns the accounts that changed since the base before, as they are after it. */
  moveBase(hash: Bytes32): ReadonlyMap<number, Account | undefined> {
    this.#require(hash);
    const changed = new Map<number, Account | undefined>();
    while (this.#base.hash !== hash) {
      const { header, hash: next, after } = this.#links.shift()!;
      for (const [index, account] of after) changed.set(index, account);
      this.#base = { header, hash: next };
    }
    return changed;
  }

  #last(): { readonly header: StoredHeader; readonly hash: Bytes32 } {
    return this.#links.at(-1) ?? this.#base;
  }

  #require(hash: Bytes32): void {
    if (!this.has(hash)) throw invariantBroken(`no replayed batch has header hash ${hash}`, { hash });
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
