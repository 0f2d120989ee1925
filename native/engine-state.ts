/** A state of the native engine. */

import {
  ACCOUNT_BYTES,
  ACCOUNT_ROW_BYTES,
  type Account,
  type AccountChange,
  type ExecutionState,
  invariantBroken,
  type LeafAccess,
  readAccount,
  readWord,
  requireBits,
  SHARD_COUNT,
  SHARD_DEPTH,
  TREE_ARITY,
  TREE_CAPACITY,
  TREE_DEPTH,
  viewOf,
  writeAccount,
} from '@quittance/protocol';
import type { AddonState } from './addon.ts';
import { FIELD_BYTES } from './bytes.ts';
import { call } from './call.ts';

/** A leaf to write: index 4, 1 with an account or 0 without, 3 zeros, account 76 (native/binding/src/engine.rs). */
const WRITE_BYTES = 8 + ACCOUNT_BYTES;
const HAS_ACCOUNT = 4;
const ACCOUNT = 8;
const LEAF_BITS = Math.log2(TREE_CAPACITY);
/** Accounts that are read at once while they are iterated over: 80 kB. */
const ROWS_AT_ONCE = 1_024;

/** What the addon fills, for all states: every use ends before another begins. */
const ACCOUNT_OUT = new Uint8Array(ACCOUNT_BYTES);
const ROOT_OUT = new Uint8Array(FIELD_BYTES);
const SHARDS_OUT = new Uint8Array(SHARD_COUNT * FIELD_BYTES);
const PATH_OUT = new Uint8Array(TREE_DEPTH * TREE_ARITY * FIELD_BYTES);

const wordsOf = (bytes: Uint8Array): bigint[] =>
  Array.from({ length: bytes.length / FIELD_BYTES }, (_, position) => readWord(viewOf(bytes), position * FIELD_BYTES));

/** Accounts and tree in the addon's memory. */
export class NativeState implements ExecutionState {
  readonly #native: AddonState;
  #isExecuting = false;

  constructor(native: AddonState) {
    this.#native = native;
  }

  get(index: number): Account | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= TREE_CAPACITY) return undefined;
    return this.#native.account(index, ACCOUNT_OUT) ? readAccount(viewOf(ACCOUNT_OUT), 0) : undefined;
  }

  get root(): bigint {
    this.#native.root(ROOT_OUT);
    return readWord(viewOf(ROOT_OUT), 0);
  }

  get accountCount(): number {
    return this.#native.count;
  }

  /** By ascending index. What changes meanwhile is seen when it stands behind the accounts read so far. */
  *accounts(): IterableIterator<[number, Account]> {
    for (let first = 0; first < TREE_CAPACITY; ) {
      const rows = viewOf(this.#native.rows(first, ROWS_AT_ONCE));
      if (rows.byteLength === 0) return;
      for (let offset = 0; offset < rows.byteLength; offset += ACCOUNT_ROW_BYTES) {
        const index = rows.getUint32(offset);
        first = index + 1;
        yield [index, readAccount(rows, offset + 4)];
      }
    }
  }

  shards(): bigint[] {
    this.#native.shards(SHARDS_OUT);
    return wordsOf(SHARDS_OUT);
  }

  path(index: number): bigint[][] {
    this.#native.path(requireBits('index', index, LEAF_BITS), PATH_OUT);
    const nodes = wordsOf(PATH_OUT);
    return Array.from({ length: TREE_DEPTH }, (_, level) => nodes.slice(TREE_ARITY * level, TREE_ARITY * (level + 1)));
  }

  access(index: number): LeafAccess {
    return { index, account: this.get(index), children: this.path(index).slice(SHARD_DEPTH) };
  }

  write({ index, after }: Pick<AccountChange, 'index' | 'after'>): void {
    this.writeAll([[index, after]]);
  }

  writeAll(changes: Iterable<readonly [index: number, after: Account | undefined]>): void {
    if (this.#isExecuting) throw executing();
    const last = new Map(changes);
    const bytes = new Uint8Array(last.size * WRITE_BYTES);
    const view = viewOf(bytes);
    let offset = 0;
    for (const [index, after] of last) {
      view.setUint32(offset, requireBits('index', index, LEAF_BITS));
      if (after !== undefined) {
        view.setUint8(offset + HAS_ACCOUNT, 1);
        writeAccount(view, offset + ACCOUNT, after);
      }
      offset += WRITE_BYTES;
    }
    call(() => this.#native.write(bytes));
  }

  undo(changes: readonly Pick<AccountChange, 'index' | 'before'>[]): void {
    // The first change of an index found what has to be there again.
    this.writeAll(changes.toReversed().map(({ index, before }) => [index, before]));
  }

  rows(): Uint8Array {
    return this.#native.rows(0, TREE_CAPACITY);
  }

  /** Runs an execution, which nobody else may change the state beside. @throws RollupError INVARIANT_BROKEN when one runs. */
  async whileExecuting<T>(run: (native: AddonState) => Promise<T>): Promise<T> {
    if (this.#isExecuting) throw executing();
    this.#isExecuting = true;
    try {
      return await run(this.#native);
    } finally {
      this.#isExecuting = false;
    }
  }
}

const executing = () => invariantBroken('another batch is being executed on this state');
