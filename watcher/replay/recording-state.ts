/** A state that remembers what was written, so that a batch can be taken back and repeated without executing it. */

import { type Account, type AccountChange, RollupState } from '@quittance/protocol';

/** The accounts that some writes changed, before and after them all. */
export interface StateDelta {
  readonly before: ReadonlyMap<number, Account | undefined>;
  readonly after: ReadonlyMap<number, Account | undefined>;
}

/** A state whose writes between `begin` and `end` are remembered. */
export class RecordingState extends RollupState {
  #before: Map<number, Account | undefined> | undefined;

  override write(change: Pick<AccountChange, 'index' | 'after'>): void {
    this.#remember(change.index);
    super.write(change);
  }

  override writeAll(changes: Iterable<readonly [index: number, after: Account | undefined]>): void {
    const list = [...changes];
    // The constructor of RollupState writes before this class has its fields.
    if (#before in this) for (const [index] of list) this.#remember(index);
    super.writeAll(list);
  }

  /** Starts to remember. */
  begin(): void {
    this.#before = new Map();
  }

  /** What was changed since `begin`. */
  end(): StateDelta {
    const before = this.#before ?? new Map<number, Account | undefined>();
    this.#before = undefined;
    return { before, after: new Map([...before.keys()].map((index) => [index, this.get(index)] as const)) };
  }

  #remember(index: number): void {
    if (this.#before?.has(index) === false) this.#before.set(index, this.get(index));
  }
}
